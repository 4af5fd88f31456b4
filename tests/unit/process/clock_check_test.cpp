// SPDX-License-Identifier: Apache-2.0
#include "process/clock_check.hpp"

#include <doctest/doctest.h>

#include <array>

using lmbench::process::clock_facts;

TEST_CASE("cost and smallest step of a clock come from its readings") {
  const std::array<std::uint64_t, 5> readings{100, 100, 130, 140, 200};
  const auto facts = clock_facts(readings);
  CHECK(facts.read_ns == 25.0);
  CHECK(facts.smallest_step_ns == 10);
  CHECK(facts.backward_steps == 0);
}

TEST_CASE("a clock that steps back is found out") {
  const std::array<std::uint64_t, 4> readings{100, 90, 120, 119};
  CHECK(clock_facts(readings).backward_steps == 2);
}

TEST_CASE("a clock that stands still has no smallest step") {
  const std::array<std::uint64_t, 3> readings{7, 7, 7};
  CHECK(clock_facts(readings).smallest_step_ns == 0);
  CHECK(clock_facts(readings).read_ns == 0.0);
}
