// What the runner tells an engine about the plan before it loads: hints that it may ignore.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scenario/scenario.hpp"

namespace lmbench::process {

// The options with lmbench.max_requests and lmbench.max_sequence_tokens behind them.
scenario::Options options_with_hints(const scenario::Options& options, std::uint32_t max_requests,
                                     std::uint32_t max_sequence_tokens);

// The scenario's options with the largest figures of its plan.
scenario::Options plan_options(const scenario::Scenario& scenario);

}  // namespace lmbench::process
