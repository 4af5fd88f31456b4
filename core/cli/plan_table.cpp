// SPDX-License-Identifier: Apache-2.0
#include "cli/plan_table.hpp"

#include "process/capacity.hpp"
#include "report/number_text.hpp"
#include "report/text_table.hpp"

namespace lmbench::cli {
namespace {

using report::aligned;
using report::Cells;
using report::duration_text;
constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr const char* kUnknown = "unknown";

std::string gib_text(double bytes) {
  return bytes > 0 ? report::fixed_text(bytes / kGib, 3) : kUnknown;
}

std::string blocks_text(const process::Demand& demand) {
  if (demand.kv_blocks == 0) return kUnknown;
  const std::string needed = std::to_string(demand.kv_blocks);
  if (demand.kv_blocks_available == 0) return needed;
  return needed + "/" + std::to_string(demand.kv_blocks_available);
}

std::string remarks_text(const scenario::Case& c, const process::ModelFigures& figures) {
  if (const auto refused = process::refusal(c, figures)) {
    return std::string(run::name_of(refused->status)) + ": " + refused->reason;
  }
  std::string text;
  for (const std::string& flag : process::capacity_flags(c, figures)) {
    text += (text.empty() ? "" : " ") + flag;
  }
  return text;
}

Cells row_of(const scenario::Case& c, const process::Demand& demand,
             const process::ModelFigures& figures) {
  return {c.case_id,
          std::to_string(c.concurrency),
          std::to_string(c.prompt_tokens),
          std::to_string(c.completion_tokens),
          blocks_text(demand),
          gib_text(demand.kv_bytes),
          gib_text(demand.weight_bytes),
          demand.least_time_s ? duration_text(*demand.least_time_s) : kUnknown,
          remarks_text(c, figures)};
}

// "1 warm-up and 10 test rounds", or until when they go on.
std::string rounds_text(const scenario::Measure& measure) {
  const auto number = [](double value) { return report::number_text(value); };
  const scenario::WarmupLimits& warmup = measure.warmup_limits;
  const scenario::TestLimits& test = measure.test_limits;
  const std::string warmup_text =
      measure.warmup_rounds ? std::to_string(*measure.warmup_rounds) + " warm-up"
                            : "warm-up until steady (at most " + std::to_string(warmup.max_rounds) +
                                  " rounds, " + number(warmup.budget_s) + " s)";
  const std::string test_text = measure.test_rounds
                                    ? std::to_string(*measure.test_rounds) + " test rounds"
                                    : "test rounds until +-" + number(test.interval_percent) +
                                          " % (" + std::to_string(test.min_rounds) + " to " +
                                          std::to_string(test.max_rounds) + ", " +
                                          number(test.budget_s) + " s)";
  return warmup_text + " and " + test_text;
}

}  // namespace

std::string plan_table(const scenario::Scenario& scenario, const std::vector<scenario::Case>& plan,
                       const std::optional<process::ModelFigures>& figures) {
  const process::ModelFigures known = figures.value_or(process::ModelFigures{});
  std::vector<Cells> rows{{"case", "batch", "prompt", "completion", "KV blocks", "KV GiB",
                           "weights GiB", "at least", "remarks"}};
  double total_s = 0;
  bool is_time_known = true;
  for (const scenario::Case& c : plan) {
    const process::Demand demand = process::demand_of(c, scenario.measure, known);
    rows.push_back(row_of(c, demand, known));
    is_time_known = is_time_known && demand.least_time_s.has_value();
    total_s += demand.least_time_s.value_or(0);
  }
  return "plan of '" + scenario.name + "': engine " + scenario.engine.plugin + ", " +
         std::to_string(plan.size()) + " cases, each " + rounds_text(scenario.measure) + "\n" +
         aligned(rows) + "KV and weights: per rank. Time of all cases without loading, at least: " +
         (is_time_known ? duration_text(total_s) : kUnknown) + "\n";
}

}  // namespace lmbench::cli
