// SPDX-License-Identifier: Apache-2.0
#include "stats/warmup_rule.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "round_noise.hpp"

using lmbench::stats::WarmupEnd;
using lmbench::stats::WarmupRule;

namespace {

constexpr double kNoBudget = 1e18;

struct WarmedUp {
  WarmupEnd end;
  std::uint32_t rounds;  // with the full one
};

WarmedUp warm_up(WarmupRule rule, const std::function<double(std::uint32_t round)>& duration_ns) {
  double elapsed_ns = duration_ns(0);
  for (std::uint32_t round = 1;; ++round) {
    elapsed_ns += duration_ns(round);
    if (const auto end = rule.after_round(duration_ns(round), elapsed_ns)) return {*end, round + 1};
  }
}

}  // namespace

TEST_CASE("an engine that is steady at once is warm after the full round and six more") {
  const WarmedUp w = warm_up({20, kNoBudget}, [](auto) { return 5e6; });
  CHECK(w.end == WarmupEnd::steady);
  CHECK(w.rounds == 7);
}

TEST_CASE("one percent between the means of three rounds is steady, a little more is not") {
  const auto step_of = [](double later) {
    return warm_up({7, kNoBudget}, [later](std::uint32_t round) {
      return round == 0 ? 1e9 : round <= 3 ? 100.0 : later;
    });
  };
  CHECK(step_of(99.0).end == WarmupEnd::steady);
  CHECK(step_of(101.0).end == WarmupEnd::steady);
  CHECK(step_of(98.9).end == WarmupEnd::not_steady);
  CHECK(step_of(101.1).end == WarmupEnd::not_steady);
}

TEST_CASE("a start-up that decays is waited for, and longer the slower it decays") {
  std::uint32_t before = 0;
  for (const double time_constant : {0.5, 1.0, 2.0, 3.0}) {
    const auto duration = [=](std::uint32_t round) {
      return 1e6 * (1 + 2.0 * std::exp(-1.0 * round / time_constant));
    };
    const WarmedUp w = warm_up({20, kNoBudget}, duration);
    CAPTURE(time_constant);
    CHECK(w.end == WarmupEnd::steady);
    CHECK(w.rounds >= before);
    CHECK(duration(w.rounds) < 1e6 * 1.005);  // the first round of the test
    before = w.rounds;
  }
  CHECK(before > 15);
}

TEST_CASE("a machine that never gets steady ends at the last round, or when the time is over") {
  const auto slower_and_slower = [](std::uint32_t round) { return 1e9 * std::pow(1.02, round); };
  const WarmedUp by_rounds = warm_up({20, kNoBudget}, slower_and_slower);
  CHECK(by_rounds.end == WarmupEnd::not_steady);
  CHECK(by_rounds.rounds == 20);
  const WarmedUp by_time = warm_up({20, 10e9}, slower_and_slower);
  CHECK(by_time.end == WarmupEnd::not_steady);
  CHECK(by_time.rounds == 10);
}

TEST_CASE("the full round alone may use up rounds or time") {
  CHECK(WarmupRule(1, kNoBudget).is_used_up(5));
  CHECK(WarmupRule(20, 10).is_used_up(10));
  CHECK_FALSE(WarmupRule(20, 10).is_used_up(9));
  CHECK(WarmupRule(20, 10).rounds_left() == 19);
}

TEST_CASE("noise of one percent does not keep a warm machine from starting") {
  lmbench::test::RoundNoise noise(3, 0.01);
  int steady = 0;
  for (int i = 0; i < 1000; ++i) {
    const WarmedUp w = warm_up({20, kNoBudget}, [&](auto) { return std::exp(noise.next()); });
    steady += w.end == WarmupEnd::steady ? 1 : 0;
  }
  CHECK(steady >= 995);
}
