// `lmbench run`: a scenario file, the flags on top of it, and the plan.
// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"
#include "cli/plan_command.hpp"
#include "cli/scenario_sources.hpp"

namespace lmbench::cli {
namespace {

// Flags are settings, so that the resolved scenario of the manifest holds them too.
std::vector<std::string> settings_of(const RunArguments& arguments) {
  std::vector<std::string> settings = arguments.settings;
  if (arguments.csv) settings.push_back("output.csv=" + *arguments.csv);
  if (arguments.strict) settings.emplace_back("measure.strict=true");
  if (arguments.is_checked) settings.emplace_back("engine.checked=true");
  return settings;
}

}  // namespace

ExitCode run_command(const RunArguments& arguments) {
  const scenario::Scenario scenario =
      scenario_from_file(arguments.scenario, settings_of(arguments));
  return plan_command(scenario, {.out = arguments.out,
                                 .resume = arguments.resume,
                                 .retry_all = arguments.retry.has_value(),
                                 .is_dry_run = arguments.is_dry_run,
                                 .in_process = arguments.in_process,
                                 .command_line = own_command_line()});
}

}  // namespace lmbench::cli
