// SPDX-License-Identifier: Apache-2.0
#include "ab/pilot.hpp"

#include <doctest/doctest.h>

using namespace lmbench;
using namespace lmbench::ab;

namespace {

report::CaseResultRow pilot_row(std::uint32_t warmup, std::uint32_t test, std::uint32_t tokens) {
  report::CaseResultRow row;
  row.completion_tokens = tokens;
  row.rounds_run.emplace();
  row.rounds_run->warmup_rounds = warmup;
  row.rounds_run->test_rounds = test;
  return row;
}

}  // namespace

TEST_CASE("a session has the rounds of the pilot that needed most, warm-up in full ones") {
  const scenario::Measure adaptive;
  const auto brief = session_measure(adaptive, {pilot_row(7, 6, 32), pilot_row(9, 12, 32)});
  CHECK(brief.warmup_rounds == 9);  // a round of 32 tokens is a full one
  CHECK(brief.test_rounds == 12);
  // One full round and 12 of 128 tokens: as many tokens as 1 + 1536 / 512 rounds.
  CHECK(session_measure(adaptive, {pilot_row(13, 6, 512)}).warmup_rounds == 4);
  CHECK(session_measure(adaptive, {pilot_row(1, 6, 512)}).warmup_rounds == 1);
}

TEST_CASE("given numbers of rounds stay, and a pilot then only shows that the case runs") {
  scenario::Measure fixed;
  fixed.warmup_rounds = 2;
  fixed.test_rounds = 10;
  CHECK(pilot_measure(fixed).warmup_rounds == 0);
  CHECK(pilot_measure(fixed).test_rounds == 1);
  const auto session = session_measure(fixed, {pilot_row(0, 1, 32)});
  CHECK(session.warmup_rounds == 2);
  CHECK(session.test_rounds == 10);
  CHECK_FALSE(pilot_measure({}).test_rounds);
}

TEST_CASE("a build is what its files hold, wherever they lie") {
  const std::vector<process::MappedObject> a = {{"/a/x.so", "11", ""}, {"/a/lib.so", "22", ""}};
  const std::vector<process::MappedObject> b = {{"/b/lib.so", "22", ""}, {"/b/y.so", "11", ""}};
  const std::vector<process::MappedObject> c = {{"/b/lib.so", "23", ""}, {"/b/y.so", "11", ""}};
  CHECK(is_same_build(a, b));
  CHECK_FALSE(is_same_build(a, c));
}
