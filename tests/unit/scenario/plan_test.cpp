// SPDX-License-Identifier: Apache-2.0
#include "scenario/plan.hpp"

#include <doctest/doctest.h>

using lmbench::scenario::make_plan;
using lmbench::scenario::Scenario;

TEST_CASE("the default matrix of profile_generation.py is twenty cases, batch by batch") {
  Scenario scenario;
  scenario.matrix = {{1, 16, 32, 64},
                     {{1, 128}, {128, 128}, {128, 2048}, {2048, 128}, {2048, 2048}}};
  const auto plan = make_plan(scenario);
  REQUIRE(plan.size() == 20);
  CHECK(plan[0].case_id == "01-b1-p1-r128");
  CHECK(plan[2].case_id == "03-b1-p128-r2048");
  CHECK(plan[5].case_id == "06-b16-p1-r128");
  CHECK(plan[19].case_id == "20-b64-p2048-r2048");
  for (std::uint32_t i = 0; i < plan.size(); ++i) CHECK(plan[i].index == i);
  CHECK(plan[18].concurrency == 64);
  CHECK(plan[18].prompt_tokens == 2048);
  CHECK(plan[18].completion_tokens == 128);
}

TEST_CASE("case numbers are as wide as the last one needs") {
  Scenario scenario;
  scenario.matrix.concurrency.assign(100, 2);
  scenario.matrix.lengths = {{3, 4}};
  const auto plan = make_plan(scenario);
  CHECK(plan.front().case_id == "001-b2-p3-r4");
  CHECK(plan.back().case_id == "100-b2-p3-r4");
}
