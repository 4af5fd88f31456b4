// How often the rules of `lmbench ab` say what, over many simulated sessions whose truth is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "simulated_session.hpp"
#include "stats/ab_verdict.hpp"

namespace lmbench::test {

struct NamedMachine {
  std::string_view name;
  SimulatedMachine machine;
};

// From a quiet machine to one that does all that real ones do.
const std::vector<NamedMachine>& calibration_machines();

struct Tally {
  std::uint32_t sessions = 0;
  std::uint32_t excluding_zero = 0;         // the bare 95 % interval
  std::uint32_t covering = 0;               // the same, around the true value
  std::array<std::uint32_t, 5> verdicts{};  // by stats::Verdict

  std::uint32_t with(stats::Verdict verdict) const {
    return verdicts.at(static_cast<std::size_t>(verdict));
  }
};

Tally tally(const SimulatedMachine& machine, double slowdown, std::uint32_t rounds,
            std::uint32_t sessions, std::uint64_t first_seed);

// Sessions in which a method that knows of no launches claims a difference at 5 %: Mann-Whitney over
// the inner rounds.
std::uint32_t naive_claims(const SimulatedMachine& machine, double slowdown, std::uint32_t rounds,
                           Interleaving interleaving, std::uint32_t sessions,
                           std::uint64_t first_seed);

}  // namespace lmbench::test
