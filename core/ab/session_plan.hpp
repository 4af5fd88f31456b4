// What a session is going to do: all that its scenario leaves open is decided here, before the first
// launch, so that the manifest can say it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "ab/analysis.hpp"
#include "ab/arms.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::ab {

// With plugins as paths and a seed for the order. Throws Error when there is nothing to compare, or
// a plugin is not found.
scenario::Scenario session_scenario(scenario::Scenario scenario);

// Of the prompts: the same for all arms of a round, and new ones in the next.
std::uint64_t seed_of_round(std::uint64_t seed, std::uint32_t round);

// The cases in an order that all arms of a round share, so that none always follows the same one.
std::vector<scenario::Case> shuffled(std::vector<scenario::Case> cases, std::uint64_t seed);

// As the scenario asks for it; without what only the rounds will tell.
AnalysisOrder analysis_order(const scenario::Scenario& scenario, const std::vector<Arm>& arms);

}  // namespace lmbench::ab
