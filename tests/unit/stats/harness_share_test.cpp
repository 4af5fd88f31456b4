// SPDX-License-Identifier: Apache-2.0
#include "stats/harness_share.hpp"

#include <doctest/doctest.h>

using namespace lmbench::stats;

namespace {

CaseMetrics steps_of(double mean_ns, double events_per_call) {
  CaseMetrics m;
  m.step_gap.n = 10;
  m.step_gap.mean = mean_ns;
  m.events_per_call = events_per_call;
  return m;
}

constexpr CallCost kCost{.with_1_event_ns = 100, .with_64_events_ns = 730};

}  // namespace

TEST_CASE("the share of the harness is the cost of a call over a step") {
  CHECK(harness_share_percent(kCost, steps_of(10'000, 1)).value() == doctest::Approx(1));
  CHECK(harness_share_percent(kCost, steps_of(10'000, 64)).value() == doctest::Approx(7.3));
  CHECK(harness_share_percent(kCost, steps_of(10'000, 11)).value() == doctest::Approx(2));
  CHECK(harness_share_percent(kCost, steps_of(10'000, 101)).value() == doctest::Approx(11));
}

TEST_CASE("a measured cost that falls with the batch does not become negative") {
  const CallCost odd{.with_1_event_ns = 100, .with_64_events_ns = 90};
  CHECK(harness_share_percent(odd, steps_of(10'000, 1000)).value() == doctest::Approx(1));
}

TEST_CASE("without a step there is no share of it") {
  CHECK_FALSE(harness_share_percent(kCost, CaseMetrics{}).has_value());
}
