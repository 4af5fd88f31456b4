// SPDX-License-Identifier: Apache-2.0
#include "stats/ab_verdict.hpp"

#include <doctest/doctest.h>

using namespace lmbench::stats;

namespace {

// 18 rounds of three arms: t(0.975, 15) = 2.131.
Effect effect_of(double value, double half_width, std::size_t rounds = 18) {
  const double error = half_width / 2.131449546;
  return {.rounds = rounds,
          .value = value,
          .spread = error * 4.242640687,
          .standard_error = error,
          .degrees_of_freedom = 15,
          .half_width = half_width};
}

Gate gate_of(double value, double half_width, double floor = 0.003) {
  return {.candidate = effect_of(value, half_width),
          .repeat = effect_of(0, floor),
          .invalid_reason = ""};
}

GateVerdict verdict_of(const Gate& gate) { return ab_verdicts({&gate, 1}, {}, 3, 48).front(); }

}  // namespace

TEST_CASE("a difference beyond the least effect that matters is called by its sign") {
  CHECK(verdict_of(gate_of(0.02, 0.004)).verdict == Verdict::faster);
  CHECK(verdict_of(gate_of(-0.02, 0.004)).verdict == Verdict::slower);
  // The interval begins just above 0.3 %, and just below.
  CHECK(verdict_of(gate_of(0.0081, 0.005)).verdict == Verdict::faster);
  CHECK(verdict_of(gate_of(0.0079, 0.005)).verdict == Verdict::unclear);
}

TEST_CASE("an interval inside the size to be found is a claim that nothing changed") {
  CHECK(verdict_of(gate_of(0.002, 0.0079)).verdict == Verdict::same);
  CHECK(verdict_of(gate_of(0.002, 0.0081)).verdict == Verdict::unclear);
  CHECK(verdict_of(gate_of(-0.002, 0.0079)).verdict == Verdict::same);
}

TEST_CASE("what two launches of one build differ by is never called a difference") {
  const GateVerdict verdict = verdict_of(gate_of(0.02, 0.004, 0.03));
  CHECK(verdict.verdict == Verdict::unclear);
  CHECK(verdict.reason == "below_noise_floor");
}

TEST_CASE("an unclear verdict says how many rounds would clear it, or that none will") {
  const GateVerdict few = verdict_of(gate_of(0.006, 0.006));
  CHECK(few.verdict == Verdict::unclear);
  CHECK(few.reason == "too_few_rounds");
  CHECK(few.rounds_needed.value_or(0) > 18);
  CHECK(few.rounds_needed.value_or(99) <= 48);
  const Gate gate = gate_of(0.002, 0.05);
  CHECK(ab_verdicts({&gate, 1}, {}, 3, 48).front().reason == "noise_above_target");
}

TEST_CASE("a base that differs from its own copy makes the session invalid") {
  Gate gate = gate_of(0.02, 0.004);
  gate.repeat = effect_of(0.01, 0.004);
  CHECK(verdict_of(gate).verdict == Verdict::invalid);
  CHECK(verdict_of(gate).reason == "aa_failed");
}

TEST_CASE("a failed precondition comes before all else") {
  Gate gate = gate_of(0.02, 0.004);
  gate.invalid_reason = "throttled";
  CHECK(verdict_of(gate).verdict == Verdict::invalid);
  CHECK(verdict_of(gate).reason == "throttled");
}

TEST_CASE("below six complete rounds there is no verdict") {
  Gate gate = gate_of(0.02, 0.004);
  gate.candidate = effect_of(0.02, 0.004, 5);
  CHECK(verdict_of(gate).reason == "pairing");
  gate.candidate.reset();
  CHECK(verdict_of(gate).reason == "pairing");
}

TEST_CASE("with many gates a claim needs more evidence") {
  // Alone its p is 0.03; among ten, nine of them without any effect, it is not enough.
  std::vector<Gate> gates(10, gate_of(0, 0.004));
  gates[3] = gate_of(0.0079, 0.0044);
  CHECK(verdict_of(gates[3]).verdict == Verdict::faster);
  const auto verdicts = ab_verdicts(gates, {}, 3, 48);
  CHECK(verdicts[3].verdict != Verdict::faster);
  CHECK(verdicts[3].adjusted_p == doctest::Approx(10 * verdict_of(gates[3]).adjusted_p));
  CHECK(verdicts[0].verdict == Verdict::same);
}

TEST_CASE("verdicts have the names that are printed") {
  CHECK(name_of(Verdict::faster) == "FASTER");
  CHECK(name_of(Verdict::invalid) == "INVALID");
}
