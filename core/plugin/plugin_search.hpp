// Where plugins are looked for: a name is <name>.so in the plugin folders, anything with a slash is
// a path. Looks at file names only; plugin/library.hpp opens what was found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace lmbench::plugin {

// plugins/ beside the executable, ../lib/lmbench/plugins of an install tree, then the folders of
// LMBENCH_PLUGIN_PATH (colon-separated), in this order; those that exist.
std::vector<std::filesystem::path> plugin_folders(const std::filesystem::path& executable);

// Absolute and canonical, so that the manifest names the file that was measured. Throws Error
// (engine_unusable) that lists where it looked, and names a near plugin if there is one.
std::filesystem::path find_plugin(const std::string& name_or_path,
                                  std::span<const std::filesystem::path> folders);

// All *.so of the folders, sorted by folder and name; a name found twice counts once, as
// find_plugin would take it.
std::vector<std::filesystem::path> plugins_in(std::span<const std::filesystem::path> folders);

}  // namespace lmbench::plugin
