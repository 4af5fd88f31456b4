// SPDX-License-Identifier: Apache-2.0
#include "process/run_telemetry.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "error.hpp"
#include "process/machine_facts.hpp"
#include "report/telemetry_csv.hpp"

namespace lmbench::process {
namespace {

using std::chrono::milliseconds;

// So long may opening NVML take before the first load goes on without it: it starts the driver where
// nothing else holds it, which takes seconds.
constexpr milliseconds kFirstLookPatience{3000};

std::optional<std::string> visible_devices(const scenario::Engine& engine) {
  const std::string name = "CUDA_VISIBLE_DEVICES";
  if (const auto found = engine.environment.find(name); found != engine.environment.end()) {
    return found->second;
  }
  const char* ours = std::getenv(name.c_str());
  return ours != nullptr ? std::optional<std::string>(ours) : std::nullopt;
}

void warn_of_governor(RunLog& log) {
  for (const auto& [name, value] : machine_facts()) {
    if (name != "cpu_governor" || value == "performance") continue;
    log.write(Severity::warning, "the CPU frequency governor is '" + value +
                                     "': figures may change with the load before; set it to "
                                     "'performance' to compare engines");
  }
}

// Ranks of the engine, of which each has a device of its own.
double ranks_of(const report::CaseResultRow& row) {
  std::uint32_t tp = 0;
  const char* end = row.tp.data() + row.tp.size();
  if (std::from_chars(row.tp.data(), end, tp).ec == std::errc() && tp > 0) return tp;
  return std::max(1U, row.telemetry->devices);
}

}  // namespace

RunTelemetry::RunTelemetry(const scenario::Scenario& scenario, const ResultsFolder& folder,
                           RunLog& log)
    : folder_(folder), log_(log) {
  warn_of_governor(log);
  if (!scenario.telemetry.is_enabled) return;
  telemetry::SamplerOptions options;
  options.period = milliseconds(scenario.telemetry.period_ms);
  options.visible_devices = visible_devices(scenario.engine);
  sampler_.emplace(options);
  if (!sampler_->wait_for_first_look(kFirstLookPatience)) {
    log_.write(Severity::warning,
               "NVIDIA's management library does not answer: there may be no figures of devices");
  }
}

void RunTelemetry::worker_is(int pid) noexcept {
  if (sampler_) sampler_->worker_is(static_cast<std::uint32_t>(std::max(0, pid)));
}

std::optional<stats::TelemetrySamples> RunTelemetry::take() {
  if (!sampler_) return std::nullopt;
  stats::TelemetrySamples samples = sampler_->take();
  try {
    if (!has_file_failed_) report::append_telemetry(folder_.telemetry(), samples);
  } catch (const Error& e) {  // the rows matter more
    has_file_failed_ = true;
    log_.write(Severity::warning, e.what());
  }
  return samples;
}

std::vector<report::NamedTexts> RunTelemetry::devices() const {
  return sampler_ ? sampler_->device_facts() : std::vector<report::NamedTexts>();
}

void add_telemetry(const scenario::Scenario& scenario, const stats::CaseRecord& record,
                   const stats::TelemetrySamples& samples, report::CaseResultRow& row) {
  constexpr double kBytesPerGib = 1073741824;
  const stats::TelemetryFigures figures = stats::telemetry_figures(record, samples);
  row.telemetry = figures;
  if (figures.device_peak_bytes) {
    row.device_memory_gib = *figures.device_peak_bytes / kBytesPerGib / ranks_of(row);
  }
  if (figures.has_host_load()) row.flags.emplace_back("host_load");
  if (row.outcome.status != run::Status::ok) return;
  if (figures.is_throttled()) {
    row.outcome = {run::Status::invalid, "throttled"};
  } else if (figures.has_foreign_process() && !scenario.telemetry.allows_foreign) {
    row.outcome = {run::Status::invalid, "foreign_process"};
  }
}

}  // namespace lmbench::process
