// Where scenarios and models are looked for, and a scenario read from its file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::scenario {

// The folders called configs/ that belong to this lmbench: beside the executable, where a build tree
// has a link to those of its sources, then that of the install tree which holds the executable.
// Canonical; only those that exist.
std::vector<std::filesystem::path> config_folders(const std::filesystem::path& executable);

// "scenarios/x.toml" from the current folder, then from each of config_folders. Absolute; throws
// Error that lists what was tried.
std::filesystem::path find_scenario(const std::string& name,
                                    const std::filesystem::path& current_folder,
                                    std::span<const std::filesystem::path> config_folders);

// find_scenario, read_scenario and resolve_model_path in one.
Scenario load_scenario(const std::string& name, std::span<const std::string> settings,
                       const std::filesystem::path& current_folder,
                       std::span<const std::filesystem::path> config_folders);

// An option `model` that names a file or folder, from the current folder, then the scenario's, then
// config_folders, becomes an absolute path; any other stays. Keeps resolved_toml up to date.
void resolve_model_path(Scenario& scenario, const std::filesystem::path& current_folder,
                        std::span<const std::filesystem::path> config_folders);

}  // namespace lmbench::scenario
