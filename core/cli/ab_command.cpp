// `lmbench ab`: a scenario, the builds that it names or the command line does, and their session.
// SPDX-License-Identifier: Apache-2.0
#include "ab/session.hpp"
#include "cli/commands.hpp"
#include "cli/plan_command.hpp"
#include "cli/scenario_sources.hpp"
#include "scenario/scenario_writer.hpp"

namespace lmbench::cli {
namespace {

// The command line's builds in the place of the first two variants.
void name_builds(const AbArguments& arguments, scenario::Scenario& scenario) {
  auto& variants = scenario.variants;
  const auto set = [&](std::size_t index, const char* name, const std::string& plugin) {
    if (variants.size() <= index)
      variants.push_back(
          {.name = name, .plugin = "", .options = {}, .environment = {}, .cpus = ""});
    if (!plugin.empty()) variants[index].plugin = plugin;
  };
  if (arguments.base.empty() && arguments.candidate.empty()) return;
  set(0, "base", arguments.base);
  set(1, "candidate", arguments.candidate);
}

// A variant's model, as [engine.options] has it.
void resolve_models(scenario::Scenario& scenario) {
  for (scenario::Variant& variant : scenario.variants) {
    scenario::Scenario of_variant = scenario;
    of_variant.engine.options = variant.options;
    resolve_model(of_variant);
    variant.options = of_variant.engine.options;
  }
}

}  // namespace

ExitCode ab_command(const AbArguments& arguments) {
  std::vector<std::string> settings = arguments.settings;
  if (arguments.is_resident) settings.emplace_back("ab.mode=resident");
  scenario::Scenario scenario = scenario_from_file(arguments.scenario, settings);
  name_builds(arguments, scenario);
  resolve_models(scenario);
  scenario.resolved_toml = scenario::toml_text(scenario);
  if (arguments.is_dry_run) {
    PlanFlags flags;
    flags.is_dry_run = true;
    return plan_command(scenario, flags);
  }
  std::optional<std::filesystem::path> out;
  if (arguments.out) out = *arguments.out;
  return ab::run_ab({.scenario = std::move(scenario),
                     .out = out,
                     .command_line = own_command_line(),
                     .is_aa_allowed = arguments.is_aa,
                     .in_process = false});
}

}  // namespace lmbench::cli
