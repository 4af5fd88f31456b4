// SPDX-License-Identifier: Apache-2.0
#include "stats/harness_share.hpp"

#include <algorithm>

namespace lmbench::stats {

std::optional<double> harness_share_percent(const CallCost& cost, const CaseMetrics& metrics) {
  if (metrics.step_gap.n == 0 || metrics.step_gap.mean <= 0) return std::nullopt;
  const double events = std::max(1.0, metrics.events_per_call.value_or(1));
  const double per_event_ns = (cost.with_64_events_ns - cost.with_1_event_ns) / 63;
  const double call_ns = cost.with_1_event_ns + std::max(0.0, per_event_ns) * (events - 1);
  return call_ns / metrics.step_gap.mean * 100;
}

}  // namespace lmbench::stats
