// SPDX-License-Identifier: Apache-2.0
#include "cli/scenario_sources.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "error.hpp"
#include "scenario/scenario_files.hpp"
#include "scenario/scenario_reader.hpp"

namespace lmbench::cli {
namespace {

namespace fs = std::filesystem;

// A plan of one small case, which commands without a plan do not look at.
constexpr const char* kSmallestScenario = R"([scenario]
name = "command-line"
[engine]
plugin = "turbomind"
[matrix]
concurrency = [1]
prompt_tokens = [1]
completion_tokens = [1]
)";

std::vector<fs::path> our_config_folders() {
  return scenario::config_folders(fs::read_symlink("/proc/self/exe"));
}

}  // namespace

scenario::Scenario scenario_from_file(const std::string& name,
                                      const std::vector<std::string>& settings) {
  return scenario::load_scenario(name, settings, fs::current_path(), our_config_folders());
}

scenario::Scenario scenario_without_file(const std::string& engine, const std::string& model,
                                         const std::vector<std::string>& settings) {
  std::vector<scenario::Override> overrides;
  if (!engine.empty()) overrides.push_back({"engine.plugin", engine, "--engine"});
  if (!model.empty()) overrides.push_back({"engine.options.model", model, "--model"});
  for (const std::string& setting : settings) {
    overrides.push_back(scenario::parse_setting(setting));
  }
  auto made = scenario::read_with_overrides(kSmallestScenario, "", overrides);
  resolve_model(made);
  return made;
}

scenario::Options options_from(const std::vector<std::string>& settings) {
  std::vector<scenario::Override> overrides;
  for (const std::string& setting : settings) {
    scenario::Override setting_read = scenario::parse_setting(setting);
    setting_read.key = "engine.options." + setting_read.key;
    overrides.push_back(setting_read);
  }
  return scenario::read_with_overrides(kSmallestScenario, "", overrides).engine.options;
}

scenario::Options options_from_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error("cannot read '" + file + "'");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  scenario::Scenario made = scenario::read_with_overrides(kSmallestScenario, "", {});
  made.source_path = fs::absolute(file).string();
  made.engine.options = scenario::options_in(text, file);
  resolve_model(made);
  return made.engine.options;
}

void resolve_model(scenario::Scenario& scenario) {
  scenario::resolve_model_path(scenario, fs::current_path(), our_config_folders());
}

}  // namespace lmbench::cli
