// Where the files of one run lie. Making the folder is the first thing a run does, so that a path
// that cannot be written is a usage error and not a lost result.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace lmbench::process {

struct ResultsFolder {
  std::filesystem::path root;  // absolute

  std::filesystem::path results_csv() const { return root / "results.csv"; }
  std::filesystem::path journal() const { return root / "journal.jsonl"; }
  std::filesystem::path manifest() const { return root / "manifest.json"; }
  std::filesystem::path telemetry() const { return root / "telemetry.csv"; }
  std::filesystem::path log() const { return root / "log.txt"; }
  std::filesystem::path events(const std::string& case_id) const {
    return root / "events" / (case_id + ".npy");
  }
  std::filesystem::path requests(const std::string& case_id) const {
    return root / "events" / (case_id + ".requests.npy");
  }
  std::filesystem::path tokens(const std::string& case_id) const {
    return root / "events" / (case_id + ".tokens.npy");
  }
};

// "20260102T030405Z", from seconds since 1970.
std::string utc_stamp(std::int64_t unix_seconds);

// Makes `out`, which must be absent or empty, or else results/<name>-<utc stamp> under the current
// folder ("-2" and so on behind it if that exists). Throws Error.
ResultsFolder make_results_folder(const std::optional<std::filesystem::path>& out,
                                  const std::string& name, std::int64_t unix_seconds);

// The folder of an earlier run. Throws Error when it is none.
ResultsFolder existing_results_folder(const std::filesystem::path& root);

}  // namespace lmbench::process
