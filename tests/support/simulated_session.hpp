// A/B sessions in virtual time, of engines whose true speeds are known and of a machine that does
// what machines do: launches that differ, drift, a penalty for the first launch of a round, rounds
// that resemble their neighbours. Step times come from the sim engine's script, figures from the
// statistics module, so that only threads and processes are left out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stats/paired_effect.hpp"

namespace lmbench::test {

// Shares of the step time: 0.01 is 1 %.
struct SimulatedMachine {
  double noise = 0.01;         // standard deviation of an inner round
  double autocorrelation = 0;  // of inner rounds
  double launch = 0;           // standard deviation of a launch's own speed
  double drift = 0;            // slower at the end of the session than at its begin
  double first_in_round = 0;   // slower for the first launch of a round
  double outlier_chance = 0;   // of a launch
  double outlier = 0;          // how much slower it then is
};

constexpr std::uint32_t kInnerRounds = 20;

struct SimulatedSession {
  std::vector<stats::RoundGains> rounds;
  // Inner rounds of base and candidate in the order in which they ran, for the methods that do not
  // know of launches: rates, one after the other.
  std::vector<double> base_rates;
  std::vector<double> candidate_rates;
};

enum class Interleaving {
  balanced,        // as lmbench ab does it: three arms, balanced random order
  alternating,     // base, candidate, base, candidate, ...: always in this order
  block_by_block,  // all of the base, then all of the candidate
};

// slowdown: of the candidate's step, 0.01 for 1 %.
SimulatedSession simulate_session(const SimulatedMachine& machine, double slowdown,
                                  std::uint32_t rounds, Interleaving interleaving,
                                  std::uint64_t seed);

}  // namespace lmbench::test
