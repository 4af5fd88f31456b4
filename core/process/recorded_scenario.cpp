// SPDX-License-Identifier: Apache-2.0
#include "process/recorded_scenario.hpp"

#include "error.hpp"
#include "scenario/scenario_reader.hpp"

namespace lmbench::process {

scenario::Scenario recorded_scenario(const report::Manifest& manifest,
                                     const std::filesystem::path& file) {
  try {
    auto scenario = scenario::read_scenario(manifest.scenario_toml, "", {});
    scenario.source_path = manifest.scenario_path;
    return scenario;
  } catch (const Error& e) {
    throw Error("'" + file.string() + "' holds a scenario of lmbench " + manifest.lmbench_version +
                " that this one cannot read: " + e.what());
  }
}

}  // namespace lmbench::process
