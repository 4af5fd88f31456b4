// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_files.hpp"

#include <fstream>
#include <iterator>
#include <system_error>

#include "error.hpp"
#include "scenario/scenario_reader.hpp"
#include "scenario/scenario_writer.hpp"

namespace lmbench::scenario {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::string absolute_text(const fs::path& path) {
  return fs::absolute(path).lexically_normal().string();
}

std::string read_text(const fs::path& path) {
  constexpr std::uintmax_t kLargestFileBytes = 16U << 20U;
  if (fs::file_size(path) > kLargestFileBytes) {
    throw Error(path.string() + " is larger than 16 MiB, so it is no scenario");
  }
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) throw Error("cannot read " + path.string() + "; check its permissions");
  return text;
}

}  // namespace

std::vector<fs::path> config_folders(const fs::path& executable) {
  std::vector<fs::path> folders;
  const fs::path bin = executable.parent_path();
  for (const fs::path& candidate : {bin / "configs", bin / LMBENCH_CONFIG_FROM_BIN}) {
    std::error_code error;
    const fs::path folder = fs::canonical(candidate, error);
    if (!error && fs::is_directory(folder, error)) folders.push_back(folder);
  }
  return folders;
}

fs::path find_scenario(const std::string& name, const fs::path& current_folder,
                       std::span<const fs::path> config_folders) {
  if (name.empty()) throw Error("the name of the scenario is empty");
  std::string tried = absolute_text(current_folder / name);
  if (is_file(current_folder / name)) return tried;
  for (const fs::path& folder : config_folders) {
    const std::string candidate = absolute_text(folder / name);
    if (is_file(candidate)) return candidate;
    tried += ", " + candidate;
  }
  throw Error("there is no scenario '" + name + "'; looked for " + tried);
}

Scenario load_scenario(const std::string& name, std::span<const std::string> settings,
                       const fs::path& current_folder, std::span<const fs::path> config_folders) {
  const fs::path path = find_scenario(name, current_folder, config_folders);
  Scenario scenario = read_scenario(read_text(path), path.string(), settings);
  resolve_model_path(scenario, current_folder, config_folders);
  return scenario;
}

void resolve_model_path(Scenario& scenario, const fs::path& current_folder,
                        std::span<const fs::path> config_folders) {
  std::vector<fs::path> folders = {current_folder};
  if (!scenario.source_path.empty()) {
    folders.push_back(fs::path(scenario.source_path).parent_path());
  }
  folders.insert(folders.end(), config_folders.begin(), config_folders.end());
  for (auto& [key, value] : scenario.engine.options) {
    const std::string* model = std::get_if<std::string>(&value);
    if (key != "model" || model == nullptr || model->empty()) continue;
    for (const fs::path& folder : folders) {
      std::error_code ignored;
      if (!fs::exists(folder / *model, ignored)) continue;
      value = absolute_text(folder / *model);
      scenario.resolved_toml = toml_text(scenario);
      return;
    }
  }
}

}  // namespace lmbench::scenario
