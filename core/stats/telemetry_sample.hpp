// What was seen of machine, worker and devices at one moment, as plain values. Stamps are those of
// the token events (CLOCK_MONOTONIC), so that samples can be joined to rounds. Counters count from
// some moment in the past; only differences mean something. An empty optional: not available.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace lmbench::stats {

// A device that the worker uses.
struct DeviceSample {
  std::uint64_t t_ns = 0;
  std::uint32_t device = 0;                        // its index in NVML
  std::optional<std::uint64_t> before_load_bytes;  // in use when the worker did not use it yet
  std::optional<std::uint64_t> used_bytes;         // by all processes
  std::optional<std::uint64_t> worker_bytes;       // by the worker's
  std::optional<double> sm_clock_mhz;
  std::optional<double> memory_clock_mhz;
  std::optional<double> temperature_c;
  std::optional<double> power_w;
  std::optional<double> utilisation_percent;
  std::optional<std::uint64_t> energy_mj;          // counter
  std::optional<std::uint64_t> throttle_reasons;   // bits of NVML, see throttle_reasons.hpp
  std::optional<std::uint32_t> foreign_processes;  // that compute on it
  bool has_hidden_pids = false;                    // a container does not show which are ours
};

struct HostSample {
  std::uint64_t t_ns = 0;
  std::uint32_t cpus = 0;                           // online; 0: not known
  std::optional<std::uint64_t> busy_ns;             // counter, of all processes and CPUs
  std::optional<std::uint64_t> steal_ns;            // counter: taken by other virtual machines
  std::optional<double> cpu_mhz;                    // mean over CPUs
  std::optional<std::uint64_t> cpu_pressure_us;     // counters: some task waited for a CPU,
  std::optional<std::uint64_t> memory_pressure_us;  //         for memory,
  std::optional<std::uint64_t> io_pressure_us;      //         for the disk
  std::optional<std::uint64_t> package_uj;          // counter: energy of all CPU packages
  std::optional<std::uint64_t> lmbench_cpu_ns;      // counter, of this process
  std::optional<std::uint64_t> worker_cpu_ns;       // counter
  bool is_worker_in_process = false;                // then both are the same
  std::optional<std::uint64_t> resident_bytes;      // of the worker
  std::optional<std::uint64_t> proportional_bytes;  // of the worker; looked at now and then
  std::optional<std::uint64_t> voluntary_switches;  // counters of its threads; the same
  std::optional<std::uint64_t> involuntary_switches;
};

struct TelemetrySamples {
  std::vector<HostSample> host;       // each in order of time
  std::vector<DeviceSample> devices;  // several of the same time
};

}  // namespace lmbench::stats
