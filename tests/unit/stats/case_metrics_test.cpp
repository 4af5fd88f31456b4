// SPDX-License-Identifier: Apache-2.0
#include "stats/case_metrics.hpp"

#include <doctest/doctest.h>

#include "error.hpp"
#include "scripted_record.hpp"

using lmbench::stats::case_metrics;
using lmbench::stats::CaseMetrics;
using lmbench::stats::CaseRecord;
using lmbench::stats::Distribution;
using lmbench::test::ns_of;
using lmbench::test::ScriptedRecord;
using lmbench::test::two_by_three_by_four;

namespace {

// Approx in milliseconds of nanoseconds.
double ms(double ns) { return ns / 1e6; }

void check(const Distribution& d, std::uint64_t n, double mean_ms, double min_ms, double max_ms) {
  CHECK(d.n == n);
  CHECK(ms(d.mean) == doctest::Approx(mean_ms));
  CHECK(ms(d.min) == doctest::Approx(min_ms));
  CHECK(ms(d.max) == doctest::Approx(max_ms));
}

}  // namespace

TEST_CASE("one token per event: gaps and tpot are the distances of tokens") {
  const CaseMetrics m = case_metrics(two_by_three_by_four(1));
  CHECK(m.requests == 6);
  CHECK(m.output_tokens == 24);
  CHECK(m.tokens_per_event == 1.0);
  CHECK_FALSE(m.is_coalesced());
  // 6 twelve times, 8 twice, 10 three times, 14: sum 132.
  check(m.step_gap, 18, 132.0 / 18, 6, 14);
  check(m.token_gap, 18, 132.0 / 18, 6, 14);
  // 22/3 three times, 20/3 twice, 26/3.
  check(m.tpot, 6, 132.0 / 18, 20.0 / 3, 26.0 / 3);
  CHECK(m.step_gap.n_eff <= 12);  // 4 different stamps a round
}

TEST_CASE("two tokens per event: a gap is shared by its tokens") {
  const CaseMetrics m = case_metrics(two_by_three_by_four(2));
  CHECK(m.tokens_per_event == 2.0);
  CHECK(m.is_coalesced());
  // Sequence 0: 10 to 32, sequence 1: 20 to 40, 20 to 46 in the last round.
  check(m.step_gap, 6, (3 * 22 + 2 * 20 + 26) / 6.0, 20, 26);
  check(m.token_gap, 12, (3 * 22 + 2 * 20 + 26) / 12.0, 10, 13);
  check(m.tpot, 6, (3 * 11 + 2 * 10 + 13) / 6.0, 10, 13);
}

TEST_CASE("five tokens per event: the one event of a request leaves no gap, and no zero either") {
  const CaseMetrics m = case_metrics(two_by_three_by_four(5));
  CHECK(m.tokens_per_event == 4.0);
  CHECK(m.output_tokens == 24);
  CHECK(m.step_gap.n == 0);
  CHECK(m.token_gap.n == 0);
  CHECK(m.tpot.n == 0);
  check(m.ftl, 6, 15, 10, 20);
}

TEST_CASE("a gap counts once for each of its tokens where events differ in size") {
  ScriptedRecord script(1, true);
  script.add({.events = {{10, 5}, {20, 5}, {26, 2}}});
  const CaseMetrics m = case_metrics(script.record());
  CHECK(m.tokens_per_event == 4.0);
  check(m.step_gap, 2, 8, 6, 10);
  check(m.token_gap, 7, 16.0 / 7, 2, 3);
  check(m.tpot, 1, 16.0 / 7, 16.0 / 7, 16.0 / 7);
}

TEST_CASE("latencies begin when a request is due") {
  const CaseMetrics m = case_metrics(two_by_three_by_four(1));
  check(m.ftl, 6, 15, 10, 20);
  check(m.ftl_service, 6, 14.5, 9.5, 19.5);
  check(m.latency, 6, (3 * 32 + 2 * 40 + 46) / 6.0, 32, 46);
  check(m.queue_runner, 6, 1, 1, 1);
  check(m.submit_lag, 6, 0.5, 0.5, 0.5);
}

TEST_CASE("rates are over the test phase, from the first due time to the last end") {
  const CaseMetrics m = case_metrics(two_by_three_by_four(1));
  CHECK(ms(m.test_ns) == doctest::Approx(246));
  CHECK(m.output_tok_s.value() == doctest::Approx(24 / 0.246));
  CHECK(m.total_tok_s.value() == doctest::Approx((6 * 8 + 24) / 0.246));
  CHECK(m.request_s.value() == doctest::Approx(6 / 0.246));
  CHECK(m.mean_batch.value() == doctest::Approx(132.0 / 246));
  CHECK(m.prefill_tok_s.value() == doctest::Approx(16 / 0.020));
}

TEST_CASE("the steady window of a round lies between its last first token and its first end") {
  const CaseMetrics m = case_metrics(two_by_three_by_four(1));
  // 20 to 32 ms of each round, with two tokens of each sequence.
  CHECK(m.steady_share.value() == doctest::Approx(36.0 / 246));
  CHECK(m.decode_tok_s.value() == doctest::Approx(12 / 0.036));
  CHECK(m.steady_mean_batch.value() == doctest::Approx(2));
  // 20 to 26 and 26 to 32, with 10 and 11 tokens before it in sequence 0, 9 and 10 in sequence 1.
  CHECK(ms(m.steady_step_ns.value()) == doctest::Approx(6));
  CHECK(m.steady_context_tokens.value() == doctest::Approx(10));
}

TEST_CASE("a round that has no steady window leaves the rates that need one empty") {
  ScriptedRecord script(1, true);
  script.add({.sequence = 0, .events = {{10, 1}, {20, 1}}});
  script.add({.sequence = 1, .events = {{20, 1}, {30, 1}}});
  const CaseMetrics m = case_metrics(script.record());
  CHECK(m.steady_share == 0.0);
  CHECK_FALSE(m.decode_tok_s.has_value());
  CHECK_FALSE(m.steady_mean_batch.has_value());
  CHECK(m.output_tok_s.has_value());
}

TEST_CASE("the steady window of a closed loop lasts until a client has no next request") {
  ScriptedRecord script(4, false);
  script.add({.round = 0, .sequence = 0, .due_ms = 0, .events = {{10, 1}, {20, 1}, {30, 1}}});
  script.add({.round = 1, .sequence = 0, .due_ms = 30, .events = {{40, 1}, {50, 1}, {60, 1}}});
  script.add({.round = 0, .sequence = 1, .due_ms = 0, .events = {{15, 1}, {35, 1}, {55, 1}}});
  script.add({.round = 1, .sequence = 1, .due_ms = 55, .events = {{75, 1}, {80, 1}, {90, 1}}});
  const CaseMetrics m = case_metrics(script.record());
  // From 15 to 60: 20 30 40 50 60 and 35 55; busy 15 to 30, 40 to 60 and 15 to 55.
  CHECK(m.decode_tok_s.value() == doctest::Approx(7 / 0.045));
  CHECK(m.steady_mean_batch.value() == doctest::Approx((15 + 20 + 40) / 45.0));
  CHECK(m.steady_share.value() == doctest::Approx(45.0 / 90));
  // As a whole inside: 20-30, 40-50, 50-60 and 15-35, 35-55.
  CHECK(ms(m.steady_step_ns.value()) == doctest::Approx((3 * 10 + 2 * 20) / 5.0));
  CHECK(m.steady_context_tokens.value() == doctest::Approx((6 + 5 + 6 + 5 + 6) / 5.0));
  CHECK_FALSE(m.prefill_tok_s.has_value());
  check(m.ftl, 4, (10 + 10 + 15 + 20) / 4.0, 10, 20);
}

TEST_CASE("warm-up is in no figure but the first prefill") {
  const CaseRecord record = two_by_three_by_four(1);
  CHECK(record.requests.size() == 7);
  const CaseMetrics m = case_metrics(record);
  CHECK(m.ftl.n == 6);
  CHECK(ms(m.first_prefill_ns.value()) == doctest::Approx(500));
}

TEST_CASE("admission and engine stamps give queue time and delivery lag of those that have them") {
  CaseRecord record = two_by_three_by_four(1);
  CaseMetrics without = case_metrics(record);
  CHECK(without.queue_engine.n == 0);
  CHECK(without.delivery_lag.n == 0);
  record.requests[1].admit_ns = ns_of(3);    // accepted at 1
  record.requests[2].admit_ns = ns_of(0.5);  // while submit() was not back yet
  record.events.back().engine_ns = record.events.back().t_ns - 2000;
  const CaseMetrics with = case_metrics(record);
  check(with.queue_engine, 2, 0.75, -0.5, 2);
  check(with.delivery_lag, 1, 0.002, 0.002, 0.002);
}

TEST_CASE("the prefill of a request begins when it is admitted, and its queue is apart") {
  CaseRecord record = two_by_three_by_four(1);
  CHECK(case_metrics(record).prefill.n == 0);
  record.requests[1].admit_ns = ns_of(3);  // accepted at 1, first token at 10
  const CaseMetrics m = case_metrics(record);
  check(m.prefill, 1, 7, 7, 7);
  check(m.queue_engine, 1, 2, 2, 2);
}

TEST_CASE("a round whose requests queued for others to end has no rate of prefill") {
  CaseRecord record = two_by_three_by_four(1);
  // Of each round of 16 prompt tokens the last first token is at 20 ms; the first end at 32.
  CHECK(case_metrics(record).prefill_tok_s.value() == doctest::Approx(16 / 0.020));
  record.requests[4].admit_ns = ns_of(131);  // in the second round, before the other's end
  CHECK(case_metrics(record).prefill_tok_s.value() == doctest::Approx(16 / 0.020));
  record.requests[2].admit_ns = ns_of(32);
  CHECK(case_metrics(record).prefill_tok_s.value() == doctest::Approx(16 / 0.020));
  record.requests[4].admit_ns = ns_of(132);
  record.requests[6].admit_ns = ns_of(232);
  CHECK_FALSE(case_metrics(record).prefill_tok_s.has_value());
}

TEST_CASE("a terminal event without tokens ends a request and is no token") {
  ScriptedRecord script(1, true);
  script.add({.events = {{10, 1}, {20, 1}, {25, 0}}});
  const CaseMetrics m = case_metrics(script.record());
  check(m.latency, 1, 25, 25, 25);
  check(m.step_gap, 1, 10, 10, 10);
  check(m.tpot, 1, 10, 10, 10);
  CHECK(m.tokens_per_event == 1.0);
  // 10 to 25 is steady, with the token at 20.
  CHECK(m.decode_tok_s.value() == doctest::Approx(1 / 0.015));
}

TEST_CASE("one new token leaves everything after it empty") {
  ScriptedRecord script(1, true);
  script.add({.events = {{10, 1}}});
  const CaseMetrics m = case_metrics(script.record());
  CHECK(m.step_gap.n == 0);
  CHECK(m.tpot.n == 0);
  CHECK_FALSE(m.decode_tok_s.has_value());
  CHECK(m.output_tok_s.value() == doctest::Approx(100));
}

TEST_CASE("a refused or silent request has no latencies, and nothing falls over") {
  CaseRecord record = two_by_three_by_four(1);
  record.requests.push_back(record.requests.back());
  record.requests.back().accept_ns = 0;
  const CaseMetrics m = case_metrics(record);
  CHECK(m.ftl.n == 6);
  CHECK(m.queue_runner.n == 6);
  CHECK_FALSE(m.prefill_tok_s.has_value());
  CHECK(case_metrics(CaseRecord{}).requests == 0);
}

TEST_CASE("a long case with one step for all sequences is worth its number of steps") {
  ScriptedRecord script(1, true);
  for (std::uint32_t sequence = 0; sequence < 8; ++sequence) {
    lmbench::test::ScriptedRequest request{.sequence = sequence};
    for (int i = 0; i < 101; ++i) request.events.push_back({10.0 * (i + 1) + (i % 2), 1});
    script.add(request);
  }
  const CaseMetrics m = case_metrics(script.record());
  CHECK(m.step_gap.n == 800);
  CHECK(m.step_gap.n_eff == 100);
  CHECK(ms(m.step_gap.percentiles[1].value()) == doctest::Approx(11));
  CHECK_FALSE(m.step_gap.percentiles[3].has_value());  // 95 % needs 130
  CHECK(m.events_per_call == 8.0);
}

TEST_CASE("an event of a request that is not in the table is refused") {
  CaseRecord record = two_by_three_by_four(1);
  record.events[3].slot = 7;
  CHECK_THROWS_WITH_AS(case_metrics(record), "event 3 is of request 7, but there are only 7",
                       lmbench::Error);
}
