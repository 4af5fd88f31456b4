// What the telemetry of a case says about it: samples joined to its test phase and its rounds by
// time. Pure. An empty optional: not available.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stats/case_record.hpp"
#include "stats/telemetry_sample.hpp"

namespace lmbench::stats {

struct TelemetryFigures {
  std::uint64_t host_samples = 0;    // in the test phase
  std::uint64_t device_samples = 0;  // the same, of all devices
  std::uint32_t devices = 0;         // that the worker used

  // Devices: sums over them, but for clocks, utilisation and temperature.
  std::optional<double> device_peak_bytes;    // beyond what was in use before the load
  std::optional<double> process_peak_bytes;   // of the worker alone
  std::optional<double> sm_clock_mhz;         // mean
  std::optional<double> memory_clock_mhz;     // mean
  std::optional<double> temperature_c;        // max
  std::optional<double> power_w;              // mean
  std::optional<double> utilisation_percent;  // mean
  std::optional<double> energy_j;
  std::optional<double> energy_per_token_j;
  std::optional<std::uint32_t> throttled_rounds;
  std::optional<std::uint64_t> throttle_reasons;   // seen in the test phase
  std::optional<std::uint32_t> foreign_processes;  // at most at one time
  std::uint32_t rounds = 0;                        // of the test phase

  // The machine and the worker in the test phase; the peak: of all the case.
  std::optional<double> pss_peak_bytes;
  std::optional<double> worker_cpus;  // CPU time of the worker / time
  std::optional<double> involuntary_switches;
  std::optional<double> voluntary_switches;
  std::optional<double> cpu_mhz;
  std::optional<double> other_load_percent;  // CPU time of others / that of all CPUs
  std::optional<double> steal_percent;
  std::optional<double> cpu_pressure_percent;
  std::optional<double> memory_pressure_percent;
  std::optional<double> io_pressure_percent;
  std::optional<double> cpu_energy_j;
  std::optional<double> cpu_energy_per_token_j;

  // More than a fifth of the rounds ran on a device that was too hot or short of power.
  bool is_throttled() const noexcept;
  bool has_foreign_process() const noexcept { return foreign_processes.value_or(0) > 0; }
  // A CPU engine shared its CPUs.
  bool has_host_load() const noexcept;
};

// samples: from the load or the end of the case before, to the end of this one. Throws Error when
// the record contradicts itself.
TelemetryFigures telemetry_figures(const CaseRecord& record, const TelemetrySamples& samples);

}  // namespace lmbench::stats
