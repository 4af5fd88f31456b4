// `lmbench ab`: rounds of launches of all arms in balanced random order, and what may be said of
// them. Every launch leaves its rows and raw events in the results folder at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::ab {

struct AbOrder {
  scenario::Scenario scenario;  // with at least two variants
  std::optional<std::filesystem::path> out;
  std::vector<std::string> command_line;
  bool is_aa_allowed = false;  // --aa: equal builds are no mistake
  bool in_process = false;
};

// Writes the results folder, the progress and the table. 1: a gate is SLOWER, or it was interrupted;
// 3: an engine could not be used; 4: a gate is UNCLEAR or INVALID. Throws Error when the session
// cannot begin.
ExitCode run_ab(const AbOrder& order);

}  // namespace lmbench::ab
