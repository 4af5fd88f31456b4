// SPDX-License-Identifier: Apache-2.0
#include "stats/ab_verdict.hpp"

#include <array>
#include <cmath>

#include "stats/holm.hpp"

namespace lmbench::stats {
namespace {

bool has_effects(const Gate& gate) {
  return gate.candidate && gate.repeat && gate.candidate->rounds >= kLeastRounds;
}

// Holm-adjusted chances that no effect beyond min_effect is there; of gates without effects 1.
std::vector<double> adjusted_p(std::span<const Gate> gates, double min_effect,
                               std::optional<Effect> Gate::*effect) {
  std::vector<double> p;
  for (const Gate& gate : gates) {
    p.push_back(has_effects(gate) ? exceedance_p(*(gate.*effect), min_effect) : 1.0);
  }
  return holm_adjusted(p);
}

std::string failed_precondition(const Gate& gate, double repeat_p, const Thresholds& thresholds) {
  if (!gate.invalid_reason.empty()) return gate.invalid_reason;
  if (!has_effects(gate)) return "pairing";
  return repeat_p <= thresholds.level ? "aa_failed" : "";
}

// Of a gate with effects and no failed precondition.
void decide(const Gate& gate, const Thresholds& thresholds, std::uint32_t most_rounds,
            GateVerdict& result) {
  const Effect& effect = *gate.candidate;
  const bool is_claim = result.adjusted_p <= thresholds.level;
  if (is_claim && std::abs(effect.value) > gate.repeat->half_width) {
    result.verdict = effect.value > 0 ? Verdict::faster : Verdict::slower;
  } else if (effect.low() > -thresholds.detect && effect.high() < thresholds.detect) {
    result.verdict = Verdict::same;
  } else {
    result.verdict = Verdict::unclear;
    const bool is_reachable = result.rounds_needed && *result.rounds_needed <= most_rounds;
    result.reason = is_claim       ? "below_noise_floor"
                    : is_reachable ? "too_few_rounds"
                                   : "noise_above_target";
  }
}

}  // namespace

std::string_view name_of(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"FASTER", "SLOWER", "SAME", "UNCLEAR",
                                                      "INVALID"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::vector<GateVerdict> ab_verdicts(std::span<const Gate> gates, const Thresholds& thresholds,
                                     std::uint32_t places, std::uint32_t most_rounds) {
  const auto candidate_p = adjusted_p(gates, thresholds.min_effect, &Gate::candidate);
  const auto repeat_p = adjusted_p(gates, thresholds.min_effect, &Gate::repeat);
  std::vector<GateVerdict> verdicts;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    GateVerdict result;
    result.adjusted_p = candidate_p[i];
    if (gates[i].candidate) {
      result.rounds_needed =
          rounds_for(thresholds.wanted_half_width(), gates[i].candidate->spread, places);
    }
    result.reason = failed_precondition(gates[i], repeat_p[i], thresholds);
    if (result.reason.empty()) decide(gates[i], thresholds, most_rounds, result);
    verdicts.push_back(std::move(result));
  }
  return verdicts;
}

}  // namespace lmbench::stats
