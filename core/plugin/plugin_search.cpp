// SPDX-License-Identifier: Apache-2.0
#include "plugin/plugin_search.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>
#include <system_error>

#include "error.hpp"
#include "scenario/nearest_name.hpp"

namespace lmbench::plugin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".so";

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// A link in a loop, or a folder on the way that may not be entered, leaves the path as it was.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::canonical(path, error);
  return error ? fs::absolute(path).lexically_normal() : found;
}

std::string listed(std::span<const fs::path> folders) {
  std::string list;
  for (const fs::path& folder : folders) list += (list.empty() ? "" : ", ") + folder.string();
  return list;
}

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(sentence, ExitCode::engine_unusable);
}

std::string hint_for(const std::string& name, std::span<const fs::path> folders) {
  if (name.ends_with(kSuffix)) return "; a file is named with its folder, as in ./" + name;
  std::vector<std::string> known;
  for (const fs::path& plugin : plugins_in(folders)) known.push_back(plugin.stem().string());
  return scenario::did_you_mean(name, known);
}

}  // namespace

std::vector<fs::path> plugin_folders(const fs::path& executable) {
  const fs::path bin = executable.parent_path();
  std::vector<fs::path> candidates = {bin / "plugins",
                                      (bin / LMBENCH_PLUGINS_FROM_BIN).lexically_normal()};
  if (const char* added = std::getenv("LMBENCH_PLUGIN_PATH")) {
    std::istringstream list(added);
    for (std::string folder; std::getline(list, folder, ':');) {
      if (!folder.empty()) candidates.emplace_back(folder);
    }
  }
  std::vector<fs::path> folders;
  for (const fs::path& candidate : candidates) {
    const fs::path folder = resolved(candidate);
    const bool is_new = std::find(folders.begin(), folders.end(), folder) == folders.end();
    if (is_folder(folder) && is_new) folders.push_back(folder);
  }
  return folders;
}

fs::path find_plugin(const std::string& name_or_path, std::span<const fs::path> folders) {
  if (name_or_path.empty()) refuse("the name of the plugin is empty");
  if (name_or_path.find('/') != std::string::npos) {
    if (is_there(name_or_path)) return resolved(name_or_path);
    refuse("there is no plugin file '" + fs::absolute(name_or_path).lexically_normal().string() +
           "'");
  }
  for (const fs::path& folder : folders) {
    const fs::path candidate = folder / (name_or_path + kSuffix);
    if (is_there(candidate)) return resolved(candidate);
  }
  if (folders.empty()) {
    refuse("there is no plugin '" + name_or_path + "', as there is no plugin folder; set " +
           "LMBENCH_PLUGIN_PATH, or give the path of a .so file");
  }
  refuse("there is no plugin '" + name_or_path + "' in " + listed(folders) +
         hint_for(name_or_path, folders));
}

std::vector<fs::path> plugins_in(std::span<const fs::path> folders) {
  std::vector<fs::path> plugins;
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::vector<fs::path> here;
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; entry != end;
         entry.increment(ignored)) {
      if (entry->path().extension() == kSuffix) here.push_back(entry->path());
    }
    std::sort(here.begin(), here.end());
    for (const fs::path& plugin : here) {
      if (names.insert(plugin.filename().string()).second) plugins.push_back(resolved(plugin));
    }
  }
  return plugins;
}

}  // namespace lmbench::plugin
