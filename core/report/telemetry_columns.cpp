// SPDX-License-Identifier: Apache-2.0
#include "report/telemetry_columns.hpp"

#include <array>
#include <string_view>

#include "report/number_text.hpp"
#include "stats/throttle_reasons.hpp"

namespace lmbench::report {
namespace {

using stats::TelemetryFigures;

struct FigureColumn {
  const char* name;
  const char* unit;
  const char* formula;
  std::optional<double> TelemetryFigures::*value;
};

const std::array<FigureColumn, 9> kDeviceFigures = {{
    {"mem_device_peak_bytes", "B", "sum over devices in use of (largest use - use before load)",
     &TelemetryFigures::device_peak_bytes},
    {"mem_process_peak_bytes", "B", "sum over devices in use of the worker's largest use",
     &TelemetryFigures::process_peak_bytes},
    {"sm_clock_mhz_mean", "MHz", "mean over samples and devices", &TelemetryFigures::sm_clock_mhz},
    {"memory_clock_mhz_mean", "MHz", "mean over samples and devices",
     &TelemetryFigures::memory_clock_mhz},
    {"device_temperature_c_max", "C", "max over samples and devices",
     &TelemetryFigures::temperature_c},
    {"device_utilisation_percent_mean", "%", "mean over samples and devices",
     &TelemetryFigures::utilisation_percent},
    {"power_w_mean", "W", "sum over devices of the mean over samples", &TelemetryFigures::power_w},
    {"energy_j", "J", "sum over devices of the counter's growth, else mean power x time",
     &TelemetryFigures::energy_j},
    {"j_per_output_token", "J", "energy_j / new tokens", &TelemetryFigures::energy_per_token_j},
}};

const std::array<FigureColumn, 12> kHostFigures = {{
    {"pss_peak_bytes", "B", "largest proportional set of the worker, where it was looked at",
     &TelemetryFigures::pss_peak_bytes},
    {"worker_cpus_mean", "-", "CPU time of the worker / time", &TelemetryFigures::worker_cpus},
    {"voluntary_switches", "-", "context switches of the worker's threads that waited",
     &TelemetryFigures::voluntary_switches},
    {"involuntary_switches", "-", "context switches of the worker's threads that were put aside",
     &TelemetryFigures::involuntary_switches},
    {"cpu_mhz_mean", "MHz", "mean over samples and CPUs", &TelemetryFigures::cpu_mhz},
    {"other_load_percent", "%", "CPU time of other processes / CPU time of all CPUs",
     &TelemetryFigures::other_load_percent},
    {"steal_percent", "%", "CPU time that other virtual machines took / CPU time of all CPUs",
     &TelemetryFigures::steal_percent},
    {"psi_cpu_percent", "%", "time in which some task of the machine waited for a CPU / time",
     &TelemetryFigures::cpu_pressure_percent},
    {"psi_memory_percent", "%", "time in which some task of the machine waited for memory / time",
     &TelemetryFigures::memory_pressure_percent},
    {"psi_io_percent", "%", "time in which some task of the machine waited for a disk / time",
     &TelemetryFigures::io_pressure_percent},
    {"cpu_energy_j", "J", "energy of all CPU packages by RAPL", &TelemetryFigures::cpu_energy_j},
    {"cpu_j_per_output_token", "J", "cpu_energy_j / new tokens",
     &TelemetryFigures::cpu_energy_per_token_j},
}};

void add(std::vector<Column>& columns, const char* name, const char* unit, const char* formula,
         std::string (*text)(const TelemetryFigures&)) {
  columns.push_back({name, unit, formula, [text](const CaseResultRow& row) {
                       return row.telemetry ? text(*row.telemetry) : std::string();
                     }});
}

void add(std::vector<Column>& columns, const FigureColumn& figure) {
  const auto value = figure.value;
  const bool is_count = figure.unit == std::string_view("B");  // exact to the last one
  const auto text = [is_count](double number) {
    return is_count ? fixed_text(number, 0) : number_text(number);
  };
  columns.push_back(
      {figure.name, figure.unit, figure.formula, [value, text](const CaseResultRow& row) {
         return row.telemetry ? text_or_empty((*row.telemetry).*value, text) : std::string();
       }});
}

template <class Number>
std::string whole(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : std::string();
}

}  // namespace

void add_telemetry_columns(std::vector<Column>& columns) {
  add(columns, "device_samples_n", "-", "samples of devices in the test phase",
      [](const auto& f) { return std::to_string(f.device_samples); });
  for (const FigureColumn& figure : kDeviceFigures) add(columns, figure);
  add(columns, "throttled_rounds", "-", "rounds with a slowdown of a device",
      [](const auto& f) { return whole(f.throttled_rounds); });
  add(columns, "throttle_reasons", "-", "all that were seen in the test phase", [](const auto& f) {
    return f.throttle_reasons ? stats::throttle_reasons_text(*f.throttle_reasons) : std::string();
  });
  add(columns, "foreign_processes_max", "-", "other processes on a device in use",
      [](const auto& f) { return whole(f.foreign_processes); });
  add(columns, "host_samples_n", "-", "samples of machine and worker in the test phase",
      [](const auto& f) { return std::to_string(f.host_samples); });
  for (const FigureColumn& figure : kHostFigures) add(columns, figure);
}

}  // namespace lmbench::report
