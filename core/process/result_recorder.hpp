// Everything a run leaves behind: the row of each case the moment it ends, the journal, the twelve
// legacy columns, the manifest, and what is shown meanwhile. Reads the raw events of a case back
// from its files, so that every figure comes from what is on disk.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/case_attempt.hpp"
#include "process/coordinator.hpp"
#include "process/protocol.hpp"
#include "process/results_folder.hpp"
#include "process/run_log.hpp"
#include "report/stored_results.hpp"
#include "run/outcome.hpp"
#include "scenario/plan.hpp"

namespace lmbench::process {

struct EarlierRun;

class ResultRecorder {
 public:
  // What it is given must outlive it. floor: the harness's own cost, empty if not known. earlier: the
  // run that this one goes on with, if it does.
  ResultRecorder(const RunOrder& order, const std::vector<scenario::Case>& plan,
                 const ResultsFolder& folder, const std::optional<FloorReply>& floor, RunLog& log,
                 const EarlierRun* earlier = nullptr);
  ~ResultRecorder();
  ResultRecorder(const ResultRecorder&) = delete;
  ResultRecorder& operator=(const ResultRecorder&) = delete;

  // In the place of begin() and end(): the case has a row of the earlier run, which stays.
  void keep(const report::StoredRow& stored);

  void begin(const scenario::Case& plan_case);
  void show_progress(const scenario::Case& plan_case, const Heartbeat& heartbeat);
  void end(const scenario::Case& plan_case, const CaseResult& result);
  void finish();  // manifest and final table

  const ResultsFolder& folder() const noexcept;
  bool are_all_ok() const noexcept;
 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Of the terminal that standard error is; 0: it is none.
std::size_t progress_width();

}  // namespace lmbench::process
