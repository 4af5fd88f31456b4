// A worker for one question: what generate, convert and --dry-run need. Blocks until the answer is there;
// throws Error, with the engine's sentence, when there is none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "process/protocol.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

// Loads the scenario's engine and generates from one prompt.
std::vector<std::int32_t> generate_once(const scenario::Scenario& scenario,
                                        const GenerateRequest& request, bool in_process);

// Through the plugin's lmbench.convert/1. Shows the stage on standard error where that is a
// terminal.
void convert_once(const ConvertRequest& request);

// What the scenario's plugin is and what a load would give.
DescribeReply describe_once(const scenario::Scenario& scenario);

}  // namespace lmbench::process
