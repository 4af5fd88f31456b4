// SPDX-License-Identifier: Apache-2.0
#include "report/telemetry_csv.hpp"

#include <algorithm>
#include <functional>

#include "report/csv_text.hpp"
#include "report/number_text.hpp"
#include "report/output_file.hpp"
#include "stats/throttle_reasons.hpp"

namespace lmbench::report {
namespace {

using stats::DeviceSample;
using stats::HostSample;

template <class Sample>
struct Field {
  const char* name;
  std::function<std::string(const Sample&)> text;
};

std::string text_of(const std::optional<double>& value) {
  return text_or_empty(value, number_text);
}

template <class Integer>
std::string text_of(const std::optional<Integer>& value) {
  return value ? std::to_string(*value) : std::string();
}

template <class Sample, class Value>
Field<Sample> field(const char* name, std::optional<Value> Sample::*value) {
  return {name, [value](const Sample& sample) { return text_of(sample.*value); }};
}

const std::vector<Field<DeviceSample>>& device_fields() {
  using Sample = DeviceSample;
  static const std::vector<Field<Sample>> kFields = {
      field("before_load_bytes", &Sample::before_load_bytes),
      field("used_bytes", &Sample::used_bytes),
      field("worker_bytes", &Sample::worker_bytes),
      field("sm_clock_mhz", &Sample::sm_clock_mhz),
      field("memory_clock_mhz", &Sample::memory_clock_mhz),
      field("temperature_c", &Sample::temperature_c),
      field("power_w", &Sample::power_w),
      field("utilisation_percent", &Sample::utilisation_percent),
      field("energy_mj", &Sample::energy_mj),
      {"throttle_reasons",
       [](const Sample& s) {
         return s.throttle_reasons ? stats::throttle_reasons_text(*s.throttle_reasons) : "";
       }},
      field("foreign_processes", &Sample::foreign_processes),
      {"has_hidden_pids", [](const Sample& s) { return s.has_hidden_pids ? "1" : "0"; }},
  };
  return kFields;
}

const std::vector<Field<HostSample>>& host_fields() {
  using Sample = HostSample;
  static const std::vector<Field<Sample>> kFields = {
      field("busy_ns", &Sample::busy_ns),
      field("steal_ns", &Sample::steal_ns),
      field("cpu_mhz", &Sample::cpu_mhz),
      field("cpu_pressure_us", &Sample::cpu_pressure_us),
      field("memory_pressure_us", &Sample::memory_pressure_us),
      field("io_pressure_us", &Sample::io_pressure_us),
      field("package_uj", &Sample::package_uj),
      field("lmbench_cpu_ns", &Sample::lmbench_cpu_ns),
      field("worker_cpu_ns", &Sample::worker_cpu_ns),
      field("resident_bytes", &Sample::resident_bytes),
      field("proportional_bytes", &Sample::proportional_bytes),
      field("voluntary_switches", &Sample::voluntary_switches),
      field("involuntary_switches", &Sample::involuntary_switches),
  };
  return kFields;
}

std::vector<std::string> make_columns() {
  std::vector<std::string> names = {"t_ns", "device"};
  for (const auto& f : device_fields()) names.emplace_back(f.name);
  for (const auto& f : host_fields()) names.emplace_back(f.name);
  return names;
}

std::string line_of(const DeviceSample& sample) {
  std::vector<std::string> cells = {std::to_string(sample.t_ns), std::to_string(sample.device)};
  for (const auto& f : device_fields()) cells.push_back(f.text(sample));
  cells.resize(telemetry_columns().size());
  return csv_line(cells, "\n");
}

std::string line_of(const HostSample& sample) {
  std::vector<std::string> cells = {std::to_string(sample.t_ns)};
  cells.resize(2 + device_fields().size());
  for (const auto& f : host_fields()) cells.push_back(f.text(sample));
  return csv_line(cells, "\n");
}

}  // namespace

const std::vector<std::string>& telemetry_columns() {
  static const std::vector<std::string> kColumns = make_columns();
  return kColumns;
}

std::string telemetry_lines(const stats::TelemetrySamples& samples) {
  std::vector<std::pair<std::uint64_t, std::string>> lines;
  for (const HostSample& sample : samples.host) lines.emplace_back(sample.t_ns, line_of(sample));
  for (const DeviceSample& sample : samples.devices) {
    lines.emplace_back(sample.t_ns, line_of(sample));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& line : lines) text += line.second;
  return text;
}

void append_telemetry(const std::filesystem::path& file, const stats::TelemetrySamples& samples) {
  const bool is_new = !std::filesystem::exists(file);
  OutputFile out(file, OutputFile::Mode::append);
  if (is_new) out.write(csv_line(telemetry_columns(), "\n"));
  out.append_line(telemetry_lines(samples));
}

}  // namespace lmbench::report
