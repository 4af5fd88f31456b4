// SPDX-License-Identifier: Apache-2.0
#include "cli/plan_command.hpp"

#include <cstdio>
#include <fstream>

#include "cli/plan_table.hpp"
#include "process/coordinator.hpp"
#include "process/one_shot.hpp"
#include "scenario/plan.hpp"

namespace lmbench::cli {
namespace {

// A plan needs no engine: what the engine cannot say is unknown, and why is said beside it.
ExitCode print_plan(const scenario::Scenario& scenario) {
  const auto plan = scenario::make_plan(scenario);
  std::optional<process::ModelFigures> figures;
  ExitCode code = ExitCode::ok;
  try {
    figures = process::describe_once(scenario).model;
  } catch (const Error& e) {
    std::fprintf(stderr, "lmbench: error: %s\n", e.what());
    code = e.exit_code();
  }
  std::fputs(plan_table(scenario, plan, figures).c_str(), stdout);
  return code;
}

}  // namespace

ExitCode plan_command(const scenario::Scenario& scenario, const PlanFlags& flags) {
  if (flags.is_dry_run) return print_plan(scenario);
  return process::run_plan({.scenario = scenario,
                            .out = flags.out,
                            .command_line = flags.command_line,
                            .in_process = flags.in_process,
                            .resume = flags.resume,
                            .repeats = {},
                            .retry_all = flags.retry_all});
}

std::vector<std::string> own_command_line() {
  std::ifstream in("/proc/self/cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(word);
  return words;
}

}  // namespace lmbench::cli
