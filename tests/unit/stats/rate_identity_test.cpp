// SPDX-License-Identifier: Apache-2.0
#include "stats/rate_identity.hpp"

#include <doctest/doctest.h>

#include "scripted_record.hpp"

using namespace lmbench::stats;
using lmbench::test::ScriptedRecord;
using lmbench::test::ScriptedRequest;

namespace {

// From its first token at 10 ms on, one every `step_ms`.
ScriptedRequest request_of(std::uint32_t sequence, double step_ms, int tokens) {
  ScriptedRequest request{.sequence = sequence};
  for (int i = 0; i < tokens; ++i) request.events.push_back({10 + step_ms * i, 1});
  return request;
}

std::optional<double> mismatch_of(const CaseRecord& record) {
  const Timelines timelines(record);
  return rate_mismatch_percent(timelines, steady_windows(timelines, record.is_barrier));
}

}  // namespace

TEST_CASE("sequences that are served alike have one rate and one time per token") {
  ScriptedRecord script(8, true);
  for (std::uint32_t i = 0; i < 4; ++i) script.add(request_of(i, 5, 41));
  CHECK(mismatch_of(script.record()).value() == doctest::Approx(0));
}

TEST_CASE("a slow first token is no mismatch") {
  ScriptedRecord script(8, true);
  ScriptedRequest early = request_of(0, 5, 60);
  early.events.insert(early.events.begin(), {1, 1});
  script.add(early);
  for (std::uint32_t i = 1; i < 4; ++i) script.add(request_of(i, 5, 60));
  CHECK(mismatch_of(script.record()).value() < 0.1);
}

TEST_CASE("sequences at different speeds have a mean time per token that none of them has") {
  ScriptedRecord script(8, true);
  // In the window, which ends with the fast one at 410 ms: 80 tokens in 5 ms each and 40 in 10 ms;
  // 120 tokens in 800 ms, but 7.5 ms per token of the mean request.
  script.add(request_of(0, 5, 81));
  script.add(request_of(1, 10, 81));
  CHECK(mismatch_of(script.record()).value() == doctest::Approx((120 / (800 / 7.5) - 1) * 100));
}

TEST_CASE("a few gaps are not judged") {
  ScriptedRecord script(8, true);
  script.add(request_of(0, 5, 20));
  script.add(request_of(1, 10, 20));
  CHECK_FALSE(mismatch_of(script.record()).has_value());
  CHECK_FALSE(mismatch_of(CaseRecord{}).has_value());
}
