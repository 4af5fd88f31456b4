// SPDX-License-Identifier: Apache-2.0
#include "ab/arms.hpp"

#include <unistd.h>

#include <algorithm>

#include "error.hpp"
#include "scenario/scenario_writer.hpp"

namespace lmbench::ab {
namespace {

namespace fs = std::filesystem;

void set_option(scenario::Options& options, const scenario::Options::value_type& wanted) {
  const auto known = std::find_if(options.begin(), options.end(),
                                  [&](const auto& option) { return option.first == wanted.first; });
  if (known == options.end()) {
    options.push_back(wanted);
  } else {
    known->second = wanted.second;
  }
}

}  // namespace

PluginCopy::PluginCopy(const fs::path& plugin) : path_(plugin) {
  const fs::path copy = plugin.parent_path() / (plugin.stem().string() + ".lmbench-again-" +
                                                std::to_string(::getpid()) + ".so");
  std::error_code error;
  if (!fs::copy_file(plugin, copy, fs::copy_options::overwrite_existing, error)) return;
  path_ = copy;
  is_copy_ = true;
}

PluginCopy::~PluginCopy() {
  std::error_code ignored;
  if (is_copy_) fs::remove(path_, ignored);
}

scenario::Scenario with_variant(const scenario::Scenario& scenario,
                                const scenario::Variant& variant) {
  scenario::Scenario result = scenario;
  if (!variant.plugin.empty()) result.engine.plugin = variant.plugin;
  for (const auto& option : variant.options) set_option(result.engine.options, option);
  for (const auto& [name, value] : variant.environment) result.engine.environment[name] = value;
  if (!variant.cpus.empty()) result.engine.cpus = variant.cpus;
  result.variants.clear();
  result.resolved_toml = scenario::toml_text(result);
  return result;
}

void require_two_variants(const scenario::Scenario& scenario) {
  if (scenario.variants.size() >= 2) return;
  throw Error(
      "an A/B session needs a base and a candidate: name them with --base and --candidate, or as "
      "[[variant]] tables in the scenario");
}

std::vector<Arm> arms_of(const scenario::Scenario& scenario, const std::string& base_copy) {
  std::vector<Arm> arms;
  for (const scenario::Variant& variant : scenario.variants) {
    arms.push_back({variant.name, with_variant(scenario, variant)});
    if (arms.size() != 1) continue;
    arms.push_back({variant.name + "-again", arms.front().scenario});
    arms.back().scenario.engine.plugin = base_copy;
  }
  return arms;
}

}  // namespace lmbench::ab
