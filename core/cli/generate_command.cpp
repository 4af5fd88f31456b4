// `lmbench generate`: see that an engine is right before timing it. The ids go to standard output,
// on one line; all else to standard error.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/scenario_sources.hpp"
#include "process/interrupt.hpp"
#include "process/one_shot.hpp"

namespace lmbench::cli {
namespace {

scenario::Scenario scenario_for(const GenerateArguments& arguments) {
  if (arguments.scenario.empty()) {
    if (arguments.engine.empty() && arguments.model.empty()) {
      throw Error("generate needs a model: give --model PATH, --engine NAME, or a scenario file");
    }
    return scenario_without_file(arguments.engine, arguments.model, arguments.settings);
  }
  std::vector<std::string> settings = arguments.settings;
  // In front, so that --set has the last word.
  if (!arguments.model.empty()) {
    settings.insert(settings.begin(), "engine.options.model=" + arguments.model);
  }
  if (!arguments.engine.empty()) {
    settings.insert(settings.begin(), "engine.plugin=" + arguments.engine);
  }
  return scenario_from_file(arguments.scenario, settings);
}

}  // namespace

ExitCode generate_command(const GenerateArguments& arguments) {
  if (arguments.prompt_tokens.empty()) throw Error("--prompt-tokens needs at least one token id");
  const scenario::Scenario scenario = scenario_for(arguments);
  const process::InterruptGuard interrupts;
  const auto tokens = process::generate_once(scenario,
                                             {.prompt = arguments.prompt_tokens,
                                              .max_new_tokens = arguments.max_new_tokens,
                                              .ignore_eos = arguments.ignore_eos,
                                              .sampling = scenario.sampling,
                                              .seed = scenario.prompts.seed},
                                             arguments.in_process);
  std::string line;
  for (const std::int32_t token : tokens) {
    line += (line.empty() ? "" : ",") + std::to_string(token);
  }
  std::puts(line.c_str());
  return ExitCode::ok;
}

}  // namespace lmbench::cli
