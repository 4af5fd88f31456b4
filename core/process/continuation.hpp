// The beginning of a resumed run: loads the engine to know which one it is, says what has changed
// since, and clears the way for the cases that are repeated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "process/coordinator.hpp"
#include "process/launcher.hpp"
#include "process/resume.hpp"
#include "process/run_log.hpp"
#include "run/outcome.hpp"

namespace lmbench::process {

struct Continuation {
  KeptRows kept;
  std::optional<run::Outcome> load_failure;  // the engine could not be loaded now
};

// Afterwards results.csv holds the rows of `kept` and no others. Without a loaded engine nothing says
// that it has changed: finished rows stay.
Continuation continue_run(const RunOrder& order, const std::vector<scenario::Case>& plan,
                          const ResultsFolder& folder, const EarlierRun& earlier,
                          Launcher& launcher, RunLog& log);

}  // namespace lmbench::process
