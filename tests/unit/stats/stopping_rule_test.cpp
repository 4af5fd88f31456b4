// SPDX-License-Identifier: Apache-2.0
#include "stats/stopping_rule.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "round_noise.hpp"

using namespace lmbench::stats;
using lmbench::test::RoundNoise;

namespace {

constexpr StoppingLimits kDefaults = {
    .min_rounds = 6, .max_rounds = 50, .budget_ns = 120e9, .half_width_percent = 1.0};

struct Stopped {
  StopReason reason;
  std::uint32_t rounds;
  std::optional<RateInterval> interval;
};

// Rounds of one second each.
Stopped run(const StoppingLimits& limits, const std::function<double()>& rate) {
  StoppingRule rule(limits, limits.max_rounds);
  for (std::uint32_t round = 1;; ++round) {
    const auto reason = rule.after_round(rate(), round * 1e9);
    if (reason) return {*reason, round, rule.interval()};
  }
}

}  // namespace

TEST_CASE("a quiet machine stops by width at the least number of rounds") {
  const Stopped s = run(kDefaults, [] { return 123.0; });
  CHECK(name_of(s.reason) == "width");
  CHECK(s.rounds == 6);
  REQUIRE(s.interval);
  CHECK(s.interval->low == doctest::Approx(123));
}

TEST_CASE("a noisy machine stops at the most rounds, or when the time is over") {
  RoundNoise noise(1, 0.2);
  const auto rate = [&noise] { return std::exp(noise.next()); };
  const Stopped by_rounds = run(kDefaults, rate);
  CHECK(name_of(by_rounds.reason) == "max_rounds");
  CHECK(by_rounds.rounds == 50);
  REQUIRE(by_rounds.interval);
  CHECK(by_rounds.interval->half_width_percent > 1);
  StoppingLimits limits = kDefaults;
  limits.budget_ns = 7.5e9;
  const Stopped by_time = run(limits, rate);
  CHECK(name_of(by_time.reason) == "budget");
  CHECK(by_time.rounds == 8);
}

TEST_CASE("time stops a case before its least number of rounds") {
  StoppingLimits limits = kDefaults;
  limits.budget_ns = 1;
  const Stopped s = run(limits, [] { return 5.0; });
  CHECK(s.reason == StopReason::budget);
  CHECK(s.rounds == 1);
  CHECK_FALSE(s.interval);
}

TEST_CASE("a wider interval is enough where that was asked for") {
  RoundNoise noise(1, 0.03);
  const auto rate = [&noise] { return std::exp(noise.next()); };
  StoppingLimits limits = kDefaults;
  limits.half_width_percent = 5;
  const Stopped wide = run(limits, rate);
  CHECK(wide.reason == StopReason::width);
  const Stopped narrow = run(kDefaults, rate);
  CHECK(narrow.rounds > wide.rounds);
}

TEST_CASE("rounds that resemble their neighbours are more rounds") {
  const auto mean_rounds = [](double autocorrelation) {
    RoundNoise noise(1, 0.01, autocorrelation);
    double sum = 0;
    for (int i = 0; i < 200; ++i) {
      noise.restart();
      sum += run(kDefaults, [&noise] { return std::exp(noise.next()); }).rounds;
    }
    return sum / 200;
  };
  CHECK(mean_rounds(0.5) > mean_rounds(0) + 1);
}

TEST_CASE("stopping by width costs little of the interval's promise and does not bend the rate") {
  // Stopping when the width happens to be small makes the interval hold the truth less often:
  // 93 % at worst in simulation, against 95 % said. 1807 of 2000 is the 99.99 % point of 93 %.
  for (const double sd : {0.005, 0.01, 0.02}) {
    RoundNoise noise(11, sd);
    int hits = 0;
    double bias = 0;
    for (int i = 0; i < 2000; ++i) {
      const Stopped s = run(kDefaults, [&noise] { return std::exp(noise.next()); });
      REQUIRE(s.interval);
      hits += s.interval->low <= 1 && s.interval->high >= 1 ? 1 : 0;
      bias += (std::log(s.interval->low) + std::log(s.interval->high)) / 2 / 2000;
    }
    CAPTURE(sd);
    CAPTURE(hits);
    CHECK(hits >= 1807);
    CHECK(hits <= 1950);
    CHECK(std::abs(bias) < 0.0005);
  }
}
