// What --dry-run prints: the cases in order and what each one needs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "process/protocol.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::cli {

// figures: of the engine, none when it cannot tell before loading.
std::string plan_table(const scenario::Scenario& scenario, const std::vector<scenario::Case>& plan,
                       const std::optional<process::ModelFigures>& figures);

}  // namespace lmbench::cli
