// Runs a plan: every planned case gets exactly one row, whatever the engine does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "report/manifest.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

struct RunOrder {
  scenario::Scenario scenario;
  std::optional<std::filesystem::path> out;  // results folder; none: results/<name>-<utc time>
  std::vector<std::string> command_line;     // for the manifest
  bool in_process = false;
  std::optional<std::filesystem::path> resume;  // in place of out: the folder of a run that was cut
  std::optional<report::Manifest> repeats;      // of the run of which this is the plan again
  bool retry_all = false;                       // with resume: measure finished cases again too
};

// Writes the results folder, the progress and the table. Throws Error when the run cannot begin.
ExitCode run_plan(const RunOrder& order);

}  // namespace lmbench::process
