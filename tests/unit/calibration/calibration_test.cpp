// `lmbench ab` proves itself: sessions whose truth is known, with fixed seeds. The limits are the
// 99 % points of the binomial distribution, so that a sound method fails none of them. The full
// tables are made by tests/perf/calibration.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "calibration_tally.hpp"

using lmbench::stats::Verdict;
using lmbench::test::calibration_machines;
using lmbench::test::Interleaving;
using lmbench::test::naive_claims;
using lmbench::test::SimulatedMachine;
using lmbench::test::tally;

namespace {

constexpr std::uint32_t kSessions = 200;
constexpr std::uint32_t kRounds = 18;

// The worst machine but for outlying launches, which are a matter of their own.
const SimulatedMachine& worst_machine() { return calibration_machines().at(4).machine; }

}  // namespace

TEST_CASE("a build against itself: no more false alarms than the level allows, on any machine") {
  constexpr std::uint32_t kMostOf5Percent = 18;  // of 200
  constexpr std::uint32_t kMostOf1Percent = 6;
  for (const auto& [name, machine] : calibration_machines()) {
    const auto found = tally(machine, 0, kRounds, kSessions, 1000);
    CAPTURE(name);
    MESSAGE(name, ": ", found.excluding_zero, " intervals without zero, ",
            found.with(Verdict::faster) + found.with(Verdict::slower), " false alarms of 200");
    CHECK(found.excluding_zero <= kMostOf5Percent);
    CHECK(found.with(Verdict::faster) + found.with(Verdict::slower) <= kMostOf1Percent);
  }
}

TEST_CASE(
    "a build that is 1 % slower is found in at least 85 % of sessions, and never called faster") {
  constexpr std::uint32_t kLeastOf90Percent = 170;  // of 200
  const auto found = tally(worst_machine(), 0.01, kRounds, kSessions, 2000);
  MESSAGE("slower by 1 %: found in ", found.with(Verdict::slower), " of 200");
  CHECK(found.with(Verdict::slower) >= kLeastOf90Percent);
  CHECK(found.with(Verdict::faster) == 0);
}

TEST_CASE("the interval holds the true difference as often as it says") {
  constexpr std::uint32_t kMany = 300;  // 95 % are 285; the binomial limits of 99 %: 275 to 294
  for (const double slowdown : {0.0, 0.01}) {
    const auto found = tally(worst_machine(), slowdown, kRounds, kMany, 3000);
    MESSAGE("covered: ", found.covering, " of 300");
    CHECK(found.covering >= 275);
    CHECK(found.covering <= 294);
  }
}

TEST_CASE("outlying launches give unclear verdicts, not false ones") {
  const auto& machine = calibration_machines().back().machine;
  const auto equal = tally(machine, 0, kRounds, kSessions, 4000);
  CHECK(equal.with(Verdict::faster) + equal.with(Verdict::slower) <= 6);
  const auto slower = tally(machine, 0.01, kRounds, kSessions, 5000);
  CHECK(slower.with(Verdict::faster) == 0);
}

TEST_CASE("methods that know of no launches raise false alarms: the proof can fail") {
  for (const Interleaving order : {Interleaving::block_by_block, Interleaving::alternating}) {
    const std::uint32_t claims = naive_claims(worst_machine(), 0, 12, order, kSessions, 6000);
    MESSAGE("false alarms of a naive method: ", claims, " of 200");
    CHECK(claims >= kSessions / 4);
  }
}
