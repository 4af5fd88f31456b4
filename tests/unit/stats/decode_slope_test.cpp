// SPDX-License-Identifier: Apache-2.0
#include "stats/decode_slope.hpp"

#include <doctest/doctest.h>

#include "scripted_record.hpp"

using lmbench::stats::decode_slope;
using lmbench::test::ScriptedEvent;
using lmbench::test::ScriptedRecord;
using lmbench::test::ScriptedRequest;

namespace {

constexpr std::uint32_t kPrompt = 100;

// A step costs 2 ms and 5 ms for each 1000 tokens of context.
std::vector<ScriptedEvent> decode(std::uint32_t steps, std::uint32_t tokens_per_step,
                                  double excess_ms = 0) {
  std::vector<ScriptedEvent> events{{10, tokens_per_step}};
  std::uint32_t context = kPrompt + tokens_per_step;
  for (std::uint32_t i = 1; i < steps; ++i) {
    events.push_back({events.back().at_ms + 2 + 0.005 * context + excess_ms, tokens_per_step});
    context += tokens_per_step;
  }
  return events;
}

}  // namespace

TEST_CASE("the slope is that of the step over its context, the constant what is left at none") {
  for (const std::uint32_t tokens : {1U, 3U}) {
    ScriptedRecord record(kPrompt, true);
    record.add({.events = decode(40, tokens)});
    const auto slope = decode_slope(record.record());
    REQUIRE(slope);
    CHECK(slope->constant_ns == doctest::Approx(2e6).epsilon(1e-3));
    CHECK(slope->ns_per_kilotoken == doctest::Approx(5e6).epsilon(1e-3));
  }
}

TEST_CASE("a round that stumbled does not bend the line: medians of the positions count") {
  ScriptedRecord record(kPrompt, true);
  for (std::uint32_t round = 0; round < 5; ++round) {
    const double due = 10'000.0 * round;
    auto events = decode(20, 1, round == 3 ? 50 : 0);
    for (auto& event : events) event.at_ms += due;
    record.add({.round = round, .due_ms = due, .events = events});
  }
  const auto slope = decode_slope(record.record());
  REQUIRE(slope);
  CHECK(slope->constant_ns == doctest::Approx(2e6).epsilon(1e-3));
}

TEST_CASE("warm-up does not count, and two positions are no line") {
  ScriptedRecord warm(kPrompt, true);
  warm.add({.events = decode(20, 1), .is_warmup = true});
  CHECK_FALSE(decode_slope(warm.record()));
  ScriptedRecord brief(kPrompt, true);
  brief.add({.events = decode(3, 1)});
  CHECK_FALSE(decode_slope(brief.record()));
}
