// SPDX-License-Identifier: Apache-2.0
#include "process/case_row.hpp"

#include <algorithm>

#include "error.hpp"
#include "process/cpu_cache.hpp"
#include "process/roofline_row.hpp"
#include "process/row_flags.hpp"
#include "process/run_telemetry.hpp"
#include "report/event_files.hpp"
#include "stats/harness_share.hpp"

namespace lmbench::process {
namespace {

using report::CaseResultRow;

void add_flag(const std::string& flag, CaseResultRow& row) {
  if (std::find(row.flags.begin(), row.flags.end(), flag) == row.flags.end()) {
    row.flags.push_back(flag);
  }
}

std::string tp_of(const scenario::Options& options) {
  for (const auto& [key, value] : options) {
    const auto* tp = std::get_if<std::int64_t>(&value);
    if (key == "tp" && tp != nullptr) return std::to_string(*tp);
  }
  return {};
}

CaseResultRow planned_row(const scenario::Scenario& scenario, const scenario::Case& c) {
  const bool is_barrier = scenario.measure.round_mode == scenario::RoundMode::barrier;
  CaseResultRow row;
  row.case_id = c.case_id;
  row.concurrency = c.concurrency;
  row.prompt_tokens = c.prompt_tokens;
  row.completion_tokens = c.completion_tokens;
  row.tp = tp_of(scenario.engine.options);
  row.round_mode = is_barrier ? "barrier" : "closed";
  row.rounds = scenario.measure.test_rounds;
  return row;
}

// Figures from the files, so that what is on the disk gives them again.
void add_figures(const scenario::Scenario& scenario, const CaseResult& result,
                 const ResultsFolder& folder, CaseResultRow& row) {
  stats::CaseRecord record;
  record.concurrency = row.concurrency;
  record.prompt_tokens = row.prompt_tokens;
  record.completion_tokens = row.completion_tokens;
  record.is_barrier = row.round_mode == "barrier";
  record.requests = report::read_requests(folder.requests(row.case_id));
  record.events = report::read_events(folder.events(row.case_id));
  const stats::CaseMetrics metrics = stats::case_metrics(record);
  row.legacy = stats::legacy_figures(record);
  row.metrics = metrics;
  row.rounds_run = stats::round_figures(record);
  if (metrics.is_coalesced()) add_flag("coalesced", row);
  if (result.telemetry) add_telemetry(scenario, record, *result.telemetry, row);
}

// The sum over all devices; empty when the plugin does not name the part.
std::optional<std::uint64_t> memory_of(const std::vector<MemoryPart>& parts, const char* name,
                                       std::uint64_t MemoryPart::*bytes) {
  std::optional<std::uint64_t> sum;
  for (const MemoryPart& part : parts) {
    if (part.part == name) sum = sum.value_or(0) + part.*bytes;
  }
  return sum;
}

void add_memory(const CaseReply& reply, CaseResultRow& row) {
  const auto& parts = reply.memory;
  row.mem_weights_bytes = memory_of(parts, "weights", &MemoryPart::reserved_bytes);
  row.mem_kv_reserved_bytes = memory_of(parts, "kv", &MemoryPart::reserved_bytes);
  row.mem_kv_peak_bytes = memory_of(parts, "kv", &MemoryPart::peak_bytes);
  row.mem_workspace_bytes = memory_of(parts, "workspace", &MemoryPart::reserved_bytes);
  if (reply.rss_peak_bytes > 0) row.rss_peak_bytes = reply.rss_peak_bytes;
}

void add_harness_share(const FloorReply& floor, CaseResultRow& row) {
  const stats::CallCost cost{.with_1_event_ns = floor.median_ns_per_token_batch_1,
                             .with_64_events_ns = 64 * floor.median_ns_per_token_batch_64};
  row.harness_share_percent = stats::harness_share_percent(cost, *row.metrics);
  if (row.harness_share_percent.value_or(0) > stats::kHeavyHarnessPercent) {
    add_flag("harness_heavy", row);
  }
}

}  // namespace

CaseResultRow case_row(const scenario::Scenario& scenario, const scenario::Case& plan_case,
                       const CaseResult& result, const ResultsFolder& folder,
                       const std::optional<FloorReply>& floor) {
  CaseResultRow row = planned_row(scenario, plan_case);
  row.outcome = result.outcome;
  for (const std::string& flag : result.flags) add_flag(flag, row);
  if (!result.reply) return row;
  row.prompts_sha256 = result.reply->prompts_sha256;
  row.engine_stats = result.reply->engine_stats;
  row.stop_reason = result.reply->stop_reason;
  if (!run::has_numbers(row.outcome.status)) return row;
  try {
    add_figures(scenario, result, folder, row);
  } catch (const Error& e) {
    row.outcome = {run::Status::invalid, e.what()};
    return row;
  }
  if (result.load) row.load_s = result.load->load_s;
  add_memory(*result.reply, row);
  if (floor) add_harness_share(*floor, row);
  for (const std::string& flag : row_flags(scenario, plan_case, result, *row.metrics)) {
    add_flag(flag, row);
  }
  static const std::optional<std::uint64_t> kCacheBytes = last_level_cache_bytes();
  add_roofline(scenario.engine, result, kCacheBytes, row);
  return row;
}

}  // namespace lmbench::process
