// What an A/B session leaves behind: a row for each launch and case, the manifest with every arm,
// and at the end the comparison. Says on the terminal how far it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "ab/arms.hpp"
#include "process/coordinator.hpp"
#include "process/launcher.hpp"
#include "process/results_folder.hpp"
#include "report/case_result_row.hpp"
#include "report/comparison.hpp"
#include "report/manifest.hpp"
#include "report/progress.hpp"
#include "report/results_csv.hpp"

namespace lmbench::ab {

class SessionFiles {
 public:
  // order: for the manifest. Throws Error, as the others do.
  SessionFiles(const process::RunOrder& order, const process::ResultsFolder& folder);

  // After the pilot of an arm.
  void add_arm(const Arm& arm, const process::Launcher& launcher);
  void add_row(const report::CaseResultRow& row);
  void finish(const report::Comparison& comparison);  // manifest, comparison, table
  void stop();                                        // the manifest alone: interrupted

  void say(const std::string& sentence) { progress_.say(sentence); }
  void show(const std::string& line) { progress_.show(line); }

  // Where the raw events of one launch go; makes the folder.
  process::ResultsFolder launch_folder(const std::string& name) const;

  // Of the files that the arm's worker mapped; one for equal measurements.
  std::string config_hash(const Arm& arm, const scenario::Case& c,
                          const process::Launcher& launcher) const;
 private:
  void end_manifest();

  process::ResultsFolder folder_;
  report::Manifest manifest_;
  report::ResultsCsv results_csv_;
  report::ProgressLine progress_;
};

}  // namespace lmbench::ab
