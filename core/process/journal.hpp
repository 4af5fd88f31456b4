// The log of a run that survives it: one JSON line when a case begins, one when it ends, and one for
// each row that leaves results.csv because its case is repeated; each written at once and synced.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "process/file_descriptor.hpp"
#include "report/engine_stat.hpp"
#include "run/outcome.hpp"

namespace lmbench::process {

// Now, as the journal's lines have it.
std::int64_t unix_milliseconds();

class Journal {
 public:
  // Throws Error when the file cannot be written.
  explicit Journal(const std::filesystem::path& file);

  void begin(const std::string& case_id, const std::string& config_hash,
             std::int64_t unix_milliseconds);
  // last_words: of the engine and its worker, kept for a case that did not end ok.
  void end(const std::string& case_id, const run::Outcome& outcome, const std::string& last_words,
           const std::vector<report::EngineStat>& engine_stats, std::int64_t unix_milliseconds);
  // row: the line of results.csv, which the journal keeps from now on.
  void withdraw(const std::string& case_id, const std::string& row, std::int64_t unix_milliseconds);
 private:
  void append(const std::string& line);

  std::string path_;
  FileDescriptor file_;
};

// The cases of which the last line says that they began. An absent journal has none. A line that was
// not written to its end is cut off the file.
std::set<std::string> recover_journal(const std::filesystem::path& file);

}  // namespace lmbench::process
