// SPDX-License-Identifier: Apache-2.0
#include "stats/round_figures.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "scripted_record.hpp"

using lmbench::stats::output_rates;
using lmbench::stats::round_figures;
using lmbench::stats::Timelines;
using lmbench::test::ScriptedRecord;
using lmbench::test::ScriptedRequest;
using lmbench::test::two_by_three_by_four;

namespace {

// One client without a pause: a token every 10 ms from 0 on, `requests` of 4 tokens each.
lmbench::stats::CaseRecord closed_client(std::uint32_t requests) {
  ScriptedRecord script(8, false);
  for (std::uint32_t round = 0; round < requests; ++round) {
    ScriptedRequest request{.round = round, .due_ms = 40.0 * round};
    for (int token = 1; token <= 4; ++token) {
      request.events.push_back({40.0 * round + 10.0 * token, 1});
    }
    script.add(request);
  }
  return script.record();
}

}  // namespace

TEST_CASE("each barrier round has a rate, from its release to its last end") {
  const auto record = two_by_three_by_four(1);
  const auto rates = output_rates(Timelines(record), true);
  REQUIRE(rates.size() == 3);
  CHECK(rates[0] == doctest::Approx(8 / 0.040));
  CHECK(rates[1] == doctest::Approx(8 / 0.040));
  CHECK(rates[2] == doctest::Approx(8 / 0.046));
}

TEST_CASE("rounds are counted, and their interval is that of the rates") {
  const auto figures = round_figures(two_by_three_by_four(2));
  CHECK(figures.warmup_rounds == 1);
  CHECK(figures.test_rounds == 3);
  REQUIRE(figures.output_tok_s);
  CHECK(figures.output_tok_s->n == 3);
  const double mean = std::cbrt(200.0 * 200.0 * 8 / 0.046);
  CHECK(std::sqrt(figures.output_tok_s->low * figures.output_tok_s->high) == doctest::Approx(mean));
}

TEST_CASE("one round has no interval") {
  ScriptedRecord script(8, true);
  script.add({.events = {{10, 1}, {20, 1}}});
  const auto figures = round_figures(script.record());
  CHECK(figures.test_rounds == 1);
  CHECK_FALSE(figures.output_tok_s);
}

TEST_CASE("a closed loop has ten slices of its steady window") {
  // From the first token at 10 ms to the last end at 440 ms.
  const auto record = closed_client(11);
  const auto rates = output_rates(Timelines(record), false);
  REQUIRE(rates.size() == 10);
  double mean = 0;
  for (const double rate : rates) mean += rate / 10;
  CHECK(mean == doctest::Approx(43 / 0.430));  // all but the first of 44 tokens, which opens it
  const auto figures = round_figures(record);
  CHECK(figures.test_rounds == 11);
  REQUIRE(figures.output_tok_s);
  CHECK(figures.output_tok_s->n == 10);
}

TEST_CASE("a slice without tokens, or no steady window, leaves the interval out") {
  const auto short_record = closed_client(2);  // seven tokens for ten slices
  CHECK(output_rates(Timelines(short_record), false).empty());
  CHECK_FALSE(round_figures(short_record).output_tok_s);
  CHECK_FALSE(round_figures({}).output_tok_s);
}
