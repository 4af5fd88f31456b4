// SPDX-License-Identifier: Apache-2.0
#include "stats/decode_slope.hpp"

#include <map>
#include <vector>

#include "stats/ordered_sample.hpp"
#include "stats/timelines.hpp"

namespace lmbench::stats {
namespace {

// The gaps that ended with a token at this context, of all requests.
std::map<std::uint64_t, std::vector<OrderedSample::WeightedValue>> gaps_by_context(
    const Timelines& timelines) {
  std::map<std::uint64_t, std::vector<OrderedSample::WeightedValue>> gaps;
  for (const Timeline& line : timelines.all()) {
    std::uint64_t context = line.request->prompt_tokens;
    for (std::size_t i = 0; i < line.token_events.size(); ++i) {
      const EventRecord& event = line.token_events[i];
      if (i > 0) {
        gaps[context].emplace_back(ns_between(line.token_events[i - 1].t_ns, event.t_ns), 1);
      }
      context += event.token_count;
    }
  }
  return gaps;
}

}  // namespace

std::optional<DecodeSlope> decode_slope(const CaseRecord& record) {
  constexpr std::size_t kLeastPositions = 3;
  const Timelines timelines(record);
  std::vector<double> contexts;
  std::vector<double> medians;
  for (auto& [context, gaps] : gaps_by_context(timelines)) {
    contexts.push_back(static_cast<double>(context) / 1000);
    medians.push_back(OrderedSample(std::move(gaps)).interpolated(0.5));
  }
  if (contexts.size() < kLeastPositions) return std::nullopt;
  const auto n = static_cast<double>(contexts.size());
  double mean_context = 0;
  double mean_gap = 0;
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    mean_context += contexts[i] / n;
    mean_gap += medians[i] / n;
  }
  double squares = 0;
  double products = 0;
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    squares += (contexts[i] - mean_context) * (contexts[i] - mean_context);
    products += (contexts[i] - mean_context) * (medians[i] - mean_gap);
  }
  const double slope = products / squares;  // positions differ, so there is a spread
  return DecodeSlope{.constant_ns = mean_gap - slope * mean_context, .ns_per_kilotoken = slope};
}

}  // namespace lmbench::stats
