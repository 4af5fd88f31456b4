// The list of cases that a scenario means, in the order in which they run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::scenario {

struct Case {
  std::uint32_t index;  // place in the plan, from 0
  std::string case_id;  // place from 1 and shape: "03-b1-p128-r2048"
  std::uint32_t concurrency;
  std::uint32_t prompt_tokens;
  std::uint32_t completion_tokens;
};

// Outer loop over concurrency, inner loop over the length pairs.
std::vector<Case> make_plan(const Scenario& scenario);

}  // namespace lmbench::scenario
