// SPDX-License-Identifier: Apache-2.0
#include "ab/session_plan.hpp"

#include <cmath>
#include <filesystem>
#include <random>
#include <utility>

#include "plugin/plugin_search.hpp"
#include "scenario/scenario_writer.hpp"
#include "split_mix_64.hpp"

namespace lmbench::ab {
namespace {

std::string plugin_path(const std::string& name_or_path) {
  return plugin::find_plugin(name_or_path,
                             plugin::plugin_folders(std::filesystem::canonical("/proc/self/exe")))
      .string();
}

SameOutput same_output(const scenario::Scenario& scenario) {
  const bool is_greedy = scenario.sampling.top_k == 1 || scenario.sampling.temperature == 0;
  if (!is_greedy) return SameOutput::off;  // sampled tokens may differ by a rounding
  switch (scenario.ab.same_output) {
    case scenario::SameOutput::require:
      return SameOutput::require;
    case scenario::SameOutput::off:
      return SameOutput::off;
    case scenario::SameOutput::flag:
      break;
  }
  return SameOutput::flag;
}

}  // namespace

scenario::Scenario session_scenario(scenario::Scenario scenario) {
  require_two_variants(scenario);
  for (scenario::Variant& variant : scenario.variants) {
    variant.plugin = plugin_path(variant.plugin.empty() ? scenario.engine.plugin : variant.plugin);
  }
  // Of resident workers the one that waits is on the device too.
  if (scenario.ab.mode == scenario::AbMode::resident) scenario.telemetry.allows_foreign = true;
  if (!scenario.ab.seed) scenario.ab.seed = std::random_device()() & 0x7fff'ffffU;
  scenario.resolved_toml = scenario::toml_text(scenario);
  return scenario;
}

std::uint64_t seed_of_round(std::uint64_t seed, std::uint32_t round) {
  return SplitMix64::mix(SplitMix64::mix(seed) ^ (round + 1)) >> 1U;
}

std::vector<scenario::Case> shuffled(std::vector<scenario::Case> cases, std::uint64_t seed) {
  SplitMix64 random(seed);
  for (std::size_t i = cases.size(); i > 1; --i) std::swap(cases[i - 1], cases[random.below(i)]);
  return cases;
}

AnalysisOrder analysis_order(const scenario::Scenario& scenario, const std::vector<Arm>& arms) {
  AnalysisOrder order{.plan = scenario::make_plan(scenario),
                      .candidates = {},
                      .gates = {},
                      .thresholds = {.min_effect = std::log1p(scenario.ab.min_effect_percent / 100),
                                     .detect = std::log1p(scenario.ab.detect_percent / 100)},
                      .same_output = same_output(scenario)};
  for (std::size_t i = kFirstCandidate; i < arms.size(); ++i) {
    order.candidates.push_back(arms[i].name);
  }
  for (const std::string& gate : scenario.ab.gate) {
    order.gates.push_back(gate_metric(gate).value());
  }
  return order;
}

}  // namespace lmbench::ab
