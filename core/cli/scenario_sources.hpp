// Scenarios from what stands on a command line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::cli {

// A scenario file by its name, with --set applied.
scenario::Scenario scenario_from_file(const std::string& name,
                                      const std::vector<std::string>& settings);

// Engine, model and options without a file, for commands that run no plan. settings: as --set.
scenario::Scenario scenario_without_file(const std::string& engine, const std::string& model,
                                         const std::vector<std::string>& settings);

// "key=value" words as options of a plugin.
scenario::Options options_from(const std::vector<std::string>& settings);

// Of a scenario, or of a file that has the options of an engine alone; a model in it is found as
// that of a scenario.
scenario::Options options_from_file(const std::string& file);

// Makes the model of a scenario an absolute path where it names a file or folder.
void resolve_model(scenario::Scenario& scenario);

}  // namespace lmbench::cli
