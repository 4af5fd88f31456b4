// `lmbench rerun`: the plan of an earlier run again, from its manifest alone.
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/plan_command.hpp"
#include "process/coordinator.hpp"
#include "process/recorded_scenario.hpp"
#include "report/manifest_reader.hpp"

namespace lmbench::cli {

ExitCode rerun_command(const RerunArguments& arguments) {
  std::filesystem::path file = arguments.results;
  if (std::filesystem::is_directory(file)) file /= "manifest.json";
  report::Manifest recorded = report::read_manifest(file);
  process::RunOrder order;
  order.scenario = process::recorded_scenario(recorded, file);
  order.out = arguments.out;
  order.command_line = own_command_line();
  order.repeats = std::move(recorded);
  return process::run_plan(order);
}

}  // namespace lmbench::cli
