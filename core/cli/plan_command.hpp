// What `run` and `profile` have in common once there is a scenario: print its plan, or run it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::cli {

struct PlanFlags {
  std::optional<std::string> out;
  std::optional<std::string> resume;
  bool retry_all = false;
  bool is_dry_run = false;
  bool in_process = false;
  std::vector<std::string> command_line;
};

ExitCode plan_command(const scenario::Scenario& scenario, const PlanFlags& flags);

// The words this process was started with.
std::vector<std::string> own_command_line();

}  // namespace lmbench::cli
