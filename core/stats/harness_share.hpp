// What lmbench itself costs the thread that calls on_events, against a step of the engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "stats/case_metrics.hpp"

namespace lmbench::stats {

// Of a call with one event and of one with 64, measured with an engine that does nothing else.
struct CallCost {
  double with_1_event_ns = 0;
  double with_64_events_ns = 0;
};

// A share above it is worth a flag.
constexpr double kHeavyHarnessPercent = 0.5;

// Cost of a call with as many events as this case had in one, on the line through the two costs,
// over the mean step gap. Empty without a gap.
std::optional<double> harness_share_percent(const CallCost& cost, const CaseMetrics& metrics);

}  // namespace lmbench::stats
