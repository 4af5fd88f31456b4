// SPDX-License-Identifier: Apache-2.0
#include "ab/session_files.hpp"

#include <cstdio>
#include <ctime>

#include "error.hpp"
#include "process/config_hash.hpp"
#include "process/model_files.hpp"
#include "process/result_recorder.hpp"
#include "process/run_manifest.hpp"
#include "report/comparison_files.hpp"
#include "report/comparison_text.hpp"

namespace lmbench::ab {

SessionFiles::SessionFiles(const process::RunOrder& order, const process::ResultsFolder& folder)
    : folder_(folder),
      manifest_(process::initial_manifest(order, std::nullopt, std::time(nullptr))),
      results_csv_(folder.results_csv()),
      progress_(stderr, process::progress_width()) {
  report::write_manifest(folder_.manifest(), manifest_);
}

void SessionFiles::add_arm(const Arm& arm, const process::Launcher& launcher) {
  if (!launcher.description()) return;
  manifest_.arms.emplace_back(arm.name,
                              process::engine_facts(*launcher.description(), launcher.load()));
  report::write_manifest(folder_.manifest(), manifest_);
}

void SessionFiles::add_row(const report::CaseResultRow& row) { results_csv_.add(row); }

void SessionFiles::finish(const report::Comparison& comparison) {
  end_manifest();
  report::write_comparison(folder_.root, comparison);
  std::fputs(report::comparison_table(comparison).c_str(), stdout);
  std::printf("results: %s\n", folder_.root.c_str());
  std::fflush(stdout);
}

void SessionFiles::stop() {
  end_manifest();
  std::printf("results: %s\n", folder_.root.c_str());
}

void SessionFiles::end_manifest() {
  manifest_.ended_utc = process::utc_stamp(std::time(nullptr));
  report::write_manifest(folder_.manifest(), manifest_);
  progress_.clear();
}

process::ResultsFolder SessionFiles::launch_folder(const std::string& name) const {
  const process::ResultsFolder folder{folder_.root / "launches" / name};
  std::error_code error;
  std::filesystem::create_directories(folder.root / "events", error);
  if (error) {
    throw Error("cannot make '" + folder.root.string() + "': " + error.message(),
                ExitCode::benchmark_says_no);
  }
  return folder;
}

std::string SessionFiles::config_hash(const Arm& arm, const scenario::Case& c,
                                      const process::Launcher& launcher) const {
  if (!launcher.load()) return {};
  return process::config_hash(arm.scenario, c, launcher.load()->objects, manifest_.model_files);
}

}  // namespace lmbench::ab
