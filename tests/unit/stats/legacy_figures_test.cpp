// SPDX-License-Identifier: Apache-2.0
#include "stats/legacy_figures.hpp"

#include <doctest/doctest.h>

#include "scripted_record.hpp"

using lmbench::stats::legacy_figures;
using lmbench::stats::LegacyFigures;
using lmbench::test::ScriptedRecord;
using lmbench::test::two_by_three_by_four;

namespace {

void check_percentiles(const LegacyFigures& figures, const std::array<double, 4>& expected_s) {
  REQUIRE(figures.token_latency_s.has_value());
  for (std::size_t i = 0; i < expected_s.size(); ++i) {
    CAPTURE(i);
    CHECK((*figures.token_latency_s)[i] == doctest::Approx(expected_s[i]));
  }
}

}  // namespace

TEST_CASE("the formulas of the original, with one token per event") {
  const LegacyFigures f = legacy_figures(two_by_three_by_four(1)).value();
  CHECK(f.total_s == doctest::Approx(0.246));
  CHECK(f.throughput_tok_s == doctest::Approx(2 * 3 * 4 / 0.246));
  CHECK(f.first_token_latency.mean_s == doctest::Approx(0.015));
  CHECK(f.first_token_latency.min_s == doctest::Approx(0.010));
  CHECK(f.first_token_latency.max_s == doctest::Approx(0.020));
  CHECK(f.total_token_latency.mean_s == doctest::Approx((3 * 32 + 2 * 40 + 46) / 6000.0));
  CHECK(f.total_token_latency.min_s == doctest::Approx(0.032));
  CHECK(f.total_token_latency.max_s == doctest::Approx(0.046));
  // 18 gaps: 6 twelve times, 8 twice, 10 three times, 14; elements 9, 13, 17 and 17.
  check_percentiles(f, {0.006, 0.008, 0.014, 0.014});
}

TEST_CASE("two tokens per event share their gap, and none is 0") {
  const LegacyFigures f = legacy_figures(two_by_three_by_four(2)).value();
  CHECK(f.throughput_tok_s == doctest::Approx(24 / 0.246));
  // 12 gaps: 10 four times, 11 six times, 13 twice; elements 6, 9, 11 and 11.
  check_percentiles(f, {0.011, 0.011, 0.013, 0.013});
}

TEST_CASE("without a gap there are no percentiles: one event, or one token") {
  CHECK_FALSE(legacy_figures(two_by_three_by_four(5)).value().token_latency_s.has_value());
  ScriptedRecord script(1, true);
  script.add({.events = {{10, 1}}});
  const LegacyFigures f = legacy_figures(script.record()).value();
  CHECK_FALSE(f.token_latency_s.has_value());
  CHECK(f.first_token_latency.mean_s == doctest::Approx(0.010));
}

TEST_CASE("five tokens per event of twelve weigh five, five and two") {
  ScriptedRecord script(1, true);
  script.add({.events = {{10, 5}, {20, 5}, {26, 2}}});
  // 2 five times, 3 twice; elements 3, 5, 6 and 6.
  check_percentiles(legacy_figures(script.record()).value(), {0.002, 0.003, 0.003, 0.003});
}

TEST_CASE("a record without a test request has no figures") {
  CHECK_FALSE(legacy_figures({}).has_value());
}
