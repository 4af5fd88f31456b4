// SPDX-License-Identifier: Apache-2.0
#include "stats/legacy_figures.hpp"

#include <algorithm>
#include <vector>

#include "stats/ordered_sample.hpp"
#include "stats/timelines.hpp"

namespace lmbench::stats {
namespace {

constexpr double kNsPerSecond = 1e9;

Spread spread_of(const std::vector<double>& values_ns) {
  const auto [min, max] = std::minmax_element(values_ns.begin(), values_ns.end());
  double excess_ns = 0;
  for (const double value : values_ns) excess_ns += value - *min;
  const double mean_ns = *min + excess_ns / static_cast<double>(values_ns.size());
  return {mean_ns / kNsPerSecond, *min / kNsPerSecond, *max / kNsPerSecond};
}

// One gap for each token that does not come with its request's first event.
OrderedSample token_gaps(const Timelines& timelines) {
  std::vector<OrderedSample::WeightedValue> gaps;
  for (const Timeline& line : timelines.all()) {
    for (std::size_t i = 1; i < line.token_events.size(); ++i) {
      const EventRecord& event = line.token_events[i];
      gaps.emplace_back(ns_between(line.token_events[i - 1].t_ns, event.t_ns) / event.token_count,
                        event.token_count);
    }
  }
  return OrderedSample(std::move(gaps));
}

}  // namespace

std::optional<LegacyFigures> legacy_figures(const CaseRecord& record) {
  const Timelines timelines(record);
  std::vector<double> first_ns;
  std::vector<double> total_ns;
  std::uint64_t tokens = 0;
  for (const Timeline& line : timelines.all()) {
    if (!line.has_tokens()) continue;
    first_ns.push_back(ns_between(line.request->due_ns, line.first_token_ns()));
    total_ns.push_back(ns_between(line.request->due_ns, line.last_token_ns()));
    tokens += line.tokens;
  }
  if (first_ns.empty() || timelines.test_ns() <= 0) return std::nullopt;
  LegacyFigures figures;
  figures.total_s = timelines.test_ns() / kNsPerSecond;
  figures.throughput_tok_s = static_cast<double>(tokens) / timelines.test_ns() * kNsPerSecond;
  figures.first_token_latency = spread_of(first_ns);
  figures.total_token_latency = spread_of(total_ns);
  const OrderedSample gaps = token_gaps(timelines);
  if (gaps.count() == 0) return figures;
  figures.token_latency_s.emplace();
  for (std::size_t i = 0; i < kLegacyPercents.size(); ++i) {
    (*figures.token_latency_s)[i] = gaps.legacy(kLegacyPercents[i] / 100) / kNsPerSecond;
  }
  return figures;
}

}  // namespace lmbench::stats
