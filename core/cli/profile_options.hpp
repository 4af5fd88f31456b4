// The words after `lmbench profile`, in the form of lmdeploy's profile_generation.py, as a scenario.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::cli {

struct ProfileOptions {
  scenario::Scenario scenario;     // its model is not yet resolved to an absolute path
  std::optional<std::string> out;  // results folder
  std::optional<std::string> resume;
  std::optional<std::string> retry;  // "all"
  bool is_dry_run = false;
  bool print_scenario = false;  // print scenario.resolved_toml and stop
  bool in_process = false;
  bool help = false;  // print profile_help() and stop; the scenario is then empty
};

// Throws Error (bad_usage) with the nearest known name for an unknown option.
ProfileOptions parse_profile_options(const std::vector<std::string>& words);

std::string profile_help();

}  // namespace lmbench::cli
