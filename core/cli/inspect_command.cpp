// `lmbench inspect [PLUGIN]`: what a plugin is, or which plugins there are. The file is read here;
// what needs its code to run is asked for in a process of its own.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <span>

#include "cli/commands.hpp"
#include "cli/plugin_description.hpp"
#include "plugin/elf_file.hpp"
#include "plugin/plugin_search.hpp"

namespace lmbench::cli {
namespace {

namespace fs = std::filesystem;

std::string listed(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : ", ") + item;
  return list;
}

void print_fact(const char* name, const std::string& value) {
  std::printf("%-13s %s\n", name, value.empty() ? "none" : value.c_str());
}

std::string abi_of(const PluginDescription& plugin) {
  return std::to_string(plugin.abi_major) + "." + std::to_string(plugin.abi_minor);
}

ExitCode inspect_one(const fs::path& file, std::chrono::seconds patience) {
  plugin::ElfFile elf(file);
  const auto needed = elf.needed_libraries();
  const PluginDescription plugin = describe_plugin_in_child(file, patience);
  print_fact("engine", plugin.engine_name);
  print_fact("version", plugin.engine_version);
  print_fact("path", file.string());
  print_fact("ABI", abi_of(plugin));
  print_fact("revision", plugin.source_revision);
  print_fact("toolchain", plugin.toolchain);
  print_fact("build-id", elf.build_id());
  print_fact("needs", listed(needed));
  print_fact("capabilities", capability_names(plugin.capabilities));
  if (!plugin.create_failure.empty()) {
    print_fact("extensions", "not known");
    throw Error(plugin.create_failure, ExitCode::engine_unusable);
  }
  print_fact("extensions", listed(plugin.extensions));
  return ExitCode::ok;
}

// A line of the list; an Error says why there is none.
std::string line_for(const fs::path& file, std::chrono::seconds patience) {
  const PluginDescription plugin = describe_plugin_in_child(file, patience);
  if (!plugin.create_failure.empty()) {
    throw Error("'" + file.string() + "': " + plugin.create_failure, ExitCode::engine_unusable);
  }
  return plugin.engine_name + " " + plugin.engine_version + ", ABI " + abi_of(plugin) + ", " +
         file.string();
}

ExitCode inspect_all(std::span<const fs::path> folders, std::chrono::seconds patience) {
  const std::vector<fs::path> plugins = plugin::plugins_in(folders);
  std::size_t width = 0;
  for (const fs::path& file : plugins) width = std::max(width, file.stem().string().size());
  ExitCode code = ExitCode::ok;
  for (const fs::path& file : plugins) {
    std::string line;
    try {
      line = line_for(file, patience);
    } catch (const Error& e) {
      line = std::string("not usable: ") + e.what();
      code = ExitCode::engine_unusable;
    }
    std::printf("%-*s  %s\n", static_cast<int>(width), file.stem().c_str(), line.c_str());
  }
  if (plugins.empty()) std::printf("there is no plugin\n");
  std::vector<std::string> names;
  for (const fs::path& folder : folders) names.push_back(folder.string());
  print_fact("looked in", listed(names));
  return code;
}

}  // namespace

ExitCode inspect_command(const InspectArguments& arguments) {
  const auto folders = plugin::plugin_folders(fs::read_symlink("/proc/self/exe"));
  const std::chrono::seconds patience(arguments.patience_s);
  if (arguments.plugin.empty()) return inspect_all(folders, patience);
  return inspect_one(plugin::find_plugin(arguments.plugin, folders), patience);
}

}  // namespace lmbench::cli
