// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/step_plan.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <span>
#include <vector>

using namespace turbomind;

namespace {

StepPlan full_plan() {
  StepPlan plan;
  plan.number = 7;
  plan.joins.push_back({.slot = 3,
                        .next_token = 11,
                        .next_position = 0,
                        .end_position = 9,
                        .min_position = 2,
                        .stop_tokens = {2, -1},
                        .sampling = {.temperature = 0.5F, .top_p = 0.9F, .top_k = 5, .seed = 99}});
  SlotJoin second;
  second.slot = 4;
  second.next_position = 3;
  second.end_position = 5;
  plan.joins.push_back(second);
  plan.pages.push_back({.slot = 3, .pages = {4, 5, 6}});
  plan.pages.push_back({.slot = 4, .pages = {}});
  plan.decode_slots = {1, 3};
  plan.decode_launches = 2;
  plan.prefills.push_back({.slot = 4, .first_position = 64, .samples = true, .tokens = {5, 6}});
  return plan;
}

}  // namespace

TEST_CASE("a step plan comes back from its wire form as it was") {
  const StepPlan plan = full_plan();
  CHECK(parse_step_plan(serialise(plan)) == plan);
  StepPlan least;
  least.number = 1;
  CHECK(parse_step_plan(serialise(least)) == least);
}

TEST_CASE("the wire form is little-endian and begins with magic, version and number") {
  const std::vector<std::byte> bytes = serialise(full_plan());
  const std::vector<int> head = {0x54, 0x42, 0x4d, 0x50, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 2};
  for (std::size_t i = 0; i < head.size(); ++i) CHECK(std::to_integer<int>(bytes[i]) == head[i]);
}

TEST_CASE("a step plan that is cut anywhere is refused") {
  const std::vector<std::byte> bytes = serialise(full_plan());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(parse_step_plan(std::span(bytes).first(size)), lmbench::sdk::Error);
  }
}

TEST_CASE("bytes after a step plan, another version and another magic are refused") {
  std::vector<std::byte> longer = serialise(full_plan());
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(parse_step_plan(longer), lmbench::sdk::Error);
  for (const std::size_t at : {std::size_t{0}, std::size_t{4}}) {
    std::vector<std::byte> changed = serialise(full_plan());
    changed[at] = std::byte{0x7f};
    CHECK_THROWS_AS(parse_step_plan(changed), lmbench::sdk::Error);
  }
}

TEST_CASE("no changed byte makes the parser do more than refuse or read another plan") {
  const std::vector<std::byte> bytes = serialise(full_plan());
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const unsigned value : {0x00U, 0x01U, 0x80U, 0xffU}) {
      std::vector<std::byte> changed = bytes;
      changed[at] = static_cast<std::byte>(value);
      try {
        const StepPlan read = parse_step_plan(changed);
        CHECK(serialise(read) == changed);
      } catch (const lmbench::sdk::Error&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("a plan whose parts contradict each other is refused") {
  StepPlan plan = full_plan();
  plan.decode_launches = 0;
  CHECK_THROWS_AS(parse_step_plan(serialise(plan)), lmbench::sdk::Error);
  plan = full_plan();
  plan.joins[0].next_position = plan.joins[0].end_position;
  CHECK_THROWS_AS(parse_step_plan(serialise(plan)), lmbench::sdk::Error);
  plan = full_plan();
  plan.prefills[0].tokens.clear();
  CHECK_THROWS_AS(parse_step_plan(serialise(plan)), lmbench::sdk::Error);
  plan = full_plan();
  plan.number = 0;
  CHECK_THROWS_AS(parse_step_plan(serialise(plan)), lmbench::sdk::Error);
}
