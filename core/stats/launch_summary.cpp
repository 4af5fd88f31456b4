// SPDX-License-Identifier: Apache-2.0
#include "stats/launch_summary.hpp"

#include <cmath>
#include <vector>

#include "stats/case_metrics.hpp"
#include "stats/effective_sample.hpp"
#include "stats/moments.hpp"
#include "stats/ordered_sample.hpp"
#include "stats/round_figures.hpp"
#include "stats/timelines.hpp"

namespace lmbench::stats {
namespace {

using Values = std::vector<OrderedSample::WeightedValue>;

std::optional<double> median(Values values) {
  if (values.empty()) return std::nullopt;
  return OrderedSample(std::move(values)).interpolated(0.5);
}

void add_medians(const Timelines& timelines, LaunchSummary& summary) {
  Values ftl;
  Values tpot;
  Values gaps;
  for (const Timeline& line : timelines.all()) {
    if (!line.has_tokens()) continue;
    ftl.emplace_back(ns_between(line.request->due_ns, line.first_token_ns()), 1);
    if (const auto after = static_cast<double>(line.tokens_after_first_event()); after > 0) {
      tpot.emplace_back(ns_between(line.first_token_ns(), line.last_token_ns()) / after, 1);
    }
    for (std::size_t i = 1; i < line.token_events.size(); ++i) {
      gaps.emplace_back(ns_between(line.token_events[i - 1].t_ns, line.token_events[i].t_ns), 1);
    }
  }
  summary.ftl_ns = median(std::move(ftl));
  summary.tpot_ns = median(std::move(tpot));
  summary.step_gap_ns = median(std::move(gaps));
}

std::optional<double> standard_error_within(const Timelines& timelines, bool is_barrier) {
  std::vector<double> ln_rates = output_rates(timelines, is_barrier);
  for (double& rate : ln_rates) rate = std::log(rate);
  const double n_eff =
      effective_size(static_cast<double>(ln_rates.size()), lag_1_autocorrelation(ln_rates));
  if (!(n_eff >= 2)) return std::nullopt;
  return standard_deviation_of(ln_rates) / std::sqrt(n_eff);
}

}  // namespace

LaunchSummary launch_summary(const CaseRecord& record) {
  const CaseMetrics metrics = case_metrics(record);
  LaunchSummary summary{.output_tok_s = metrics.output_tok_s,
                        .prefill_tok_s = metrics.prefill_tok_s,
                        .decode_tok_s = metrics.decode_tok_s,
                        .ftl_ns = {},
                        .tpot_ns = {},
                        .step_gap_ns = {},
                        .first_prefill_ns = metrics.first_prefill_ns,
                        .slope = decode_slope(record),
                        .within_error = {}};
  const Timelines timelines(record);
  add_medians(timelines, summary);
  summary.within_error = standard_error_within(timelines, record.is_barrier);
  return summary;
}

}  // namespace lmbench::stats
