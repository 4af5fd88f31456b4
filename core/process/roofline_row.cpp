// SPDX-License-Identifier: Apache-2.0
#include "process/roofline_row.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "stats/roofline_share.hpp"

namespace lmbench::process {
namespace {

// The largest cache of an accelerator that is sold today: AMD's MI300X.
constexpr double kLargestDeviceCacheBytes = 256.0 * 1024 * 1024;

std::set<std::int32_t> devices_in_use(const CaseResult& result) {
  std::set<std::int32_t> devices;
  if (!result.reply) return devices;
  for (const MemoryPart& part : result.reply->memory) {
    if (part.device >= 0) devices.insert(part.device);
  }
  return devices;
}

std::uint32_t tp_of(const report::CaseResultRow& row) {
  return row.tp.empty() ? 1 : static_cast<std::uint32_t>(std::max(1L, std::stol(row.tp)));
}

stats::ModelWork model_work(const ModelFigures& figures, std::uint32_t devices) {
  return {.parameters = static_cast<double>(figures.parameters),
          .weight_bytes_per_step = figures.weight_bytes_per_step,
          .kv_bytes_per_token = figures.kv_bytes_per_token,
          .devices = devices};
}

stats::PeakRate peak_rate(const std::optional<double>& stated, double known, bool is_measured) {
  if (stated) return {.per_s = *stated, .is_measured = false};
  return {.per_s = known, .is_measured = is_measured};
}

// What the scenario states, else what the engine says of its device, else what it expects to read
// for the plan's time, which it has measured or guessed.
stats::DeviceLimits device_limits(const scenario::Engine& engine, const LoadReply& load) {
  const PeakFigures expected{.bytes_per_s = load.model->read_bytes_per_s,
                             .flops_per_s = 0,
                             .is_measured = true,
                             .device_name = ""};
  const PeakFigures known = load.peak.value_or(expected);
  return {
      .read_bytes = peak_rate(engine.device_peak_bytes_per_s, known.bytes_per_s, known.is_measured),
      .operations = peak_rate(engine.device_peak_flops_per_s, known.flops_per_s, known.is_measured),
      .cache_bytes = {}};
}

}  // namespace

void add_roofline(const scenario::Engine& engine, const CaseResult& result,
                  const std::optional<std::uint64_t>& cpu_cache_bytes, report::CaseResultRow& row) {
  if (!row.metrics || !result.load || !result.load->model) return;
  const std::set<std::int32_t> devices = devices_in_use(result);
  const stats::ModelWork model = model_work(
      *result.load->model, std::max(tp_of(row), static_cast<std::uint32_t>(devices.size())));
  stats::DeviceLimits limits = device_limits(engine, *result.load);
  if (!devices.empty()) {
    limits.cache_bytes = kLargestDeviceCacheBytes;
  } else if (cpu_cache_bytes) {
    limits.cache_bytes = static_cast<double>(*cpu_cache_bytes);
  }
  const stats::CaseShape shape{.concurrency = row.concurrency,
                               .prompt_tokens = row.prompt_tokens,
                               .completion_tokens = row.completion_tokens};
  row.roofline = stats::roofline_share(*row.metrics, shape, model, limits);
  // An expectation is for the plan's time: a share of it says something, passing it does not.
  if (!result.load->peak && !engine.device_peak_bytes_per_s) limits.read_bytes = {};
  const stats::RooflinePassed passed = stats::passed_roofline(*row.metrics, model, limits);
  if (passed == stats::RooflinePassed::measured_peak) row.flags.emplace_back("below_roofline");
  if (passed == stats::RooflinePassed::nominal_peak && row.outcome.status == run::Status::ok) {
    row.outcome = {run::Status::invalid, "below_roofline"};
  }
}

}  // namespace lmbench::process
