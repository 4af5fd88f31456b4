// SPDX-License-Identifier: Apache-2.0
#include "calibration_tally.hpp"

#include <cmath>

#include "stats/mann_whitney.hpp"

namespace lmbench::test {

const std::vector<NamedMachine>& calibration_machines() {
  static const std::vector<NamedMachine> kMachines = {
      {"noise only", {}},
      {"+ launch effect, sd 0.4 %", {.launch = 0.004}},
      {"+ drift 2 % over the session", {.launch = 0.004, .drift = 0.02}},
      {"+ first-in-round penalty 0.5 %", {.launch = 0.004, .drift = 0.02, .first_in_round = 0.005}},
      {"+ autocorrelation 0.5",
       {.autocorrelation = 0.5, .launch = 0.004, .drift = 0.02, .first_in_round = 0.005}},
      {"+ 3 % of launches slower by 5 %",
       {.autocorrelation = 0.5,
        .launch = 0.004,
        .drift = 0.02,
        .first_in_round = 0.005,
        .outlier_chance = 0.03,
        .outlier = 0.05}}};
  return kMachines;
}

Tally tally(const SimulatedMachine& machine, double slowdown, std::uint32_t rounds,
            std::uint32_t sessions, std::uint64_t first_seed) {
  constexpr std::uint32_t kArms = 3;
  const double truth = -std::log1p(slowdown);
  Tally result;
  for (std::uint32_t i = 0; i < sessions; ++i) {
    const SimulatedSession session =
        simulate_session(machine, slowdown, rounds, Interleaving::balanced, first_seed + i);
    const stats::Gate gate{.candidate = stats::candidate_effect(session.rounds, kArms),
                           .repeat = stats::repeat_effect(session.rounds),
                           .invalid_reason = ""};
    const auto verdict = stats::ab_verdicts({&gate, 1}, {}, kArms, rounds).front().verdict;
    ++result.sessions;
    ++result.verdicts.at(static_cast<std::size_t>(verdict));
    if (gate.candidate->low() > 0 || gate.candidate->high() < 0) ++result.excluding_zero;
    if (gate.candidate->low() <= truth && truth <= gate.candidate->high()) ++result.covering;
  }
  return result;
}

std::uint32_t naive_claims(const SimulatedMachine& machine, double slowdown, std::uint32_t rounds,
                           Interleaving interleaving, std::uint32_t sessions,
                           std::uint64_t first_seed) {
  constexpr double kLevel = 0.05;
  std::uint32_t claims = 0;
  for (std::uint32_t i = 0; i < sessions; ++i) {
    const SimulatedSession session =
        simulate_session(machine, slowdown, rounds, interleaving, first_seed + i);
    const auto test = stats::mann_whitney(session.base_rates, session.candidate_rates);
    if (test.p <= kLevel) ++claims;
  }
  return claims;
}

}  // namespace lmbench::test
