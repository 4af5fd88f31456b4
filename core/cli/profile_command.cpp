// `lmbench profile`: the options of profile_generation.py in place of a scenario file.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/plan_command.hpp"
#include "cli/profile_options.hpp"
#include "cli/scenario_sources.hpp"

namespace lmbench::cli {

ExitCode profile_command(const ProfileArguments& arguments) {
  ProfileOptions options = parse_profile_options(arguments.words);
  if (options.help) {
    std::fputs(profile_help().c_str(), stdout);
    return ExitCode::ok;
  }
  resolve_model(options.scenario);
  if (options.print_scenario) {
    std::fputs(options.scenario.resolved_toml.c_str(), stdout);
    return ExitCode::ok;
  }
  return plan_command(options.scenario, {.out = options.out,
                                         .resume = options.resume,
                                         .retry_all = options.retry.has_value(),
                                         .is_dry_run = options.is_dry_run,
                                         .in_process = options.in_process,
                                         .command_line = own_command_line()});
}

}  // namespace lmbench::cli
