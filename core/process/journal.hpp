// The log of a run that survives it: one JSON line when a case begins and one when it ends, each
// written at once and synced. A begin without an end is a case that was cut.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "process/file_descriptor.hpp"
#include "run/outcome.hpp"

namespace lmbench::process {

class Journal {
 public:
  // Throws Error when the file cannot be written.
  explicit Journal(const std::filesystem::path& file);

  void begin(const std::string& case_id, const std::string& config_hash,
             std::int64_t unix_milliseconds);
  // last_words: of the engine and its worker, kept for a case that did not end ok.
  void end(const std::string& case_id, const run::Outcome& outcome, const std::string& last_words,
           std::int64_t unix_milliseconds);
 private:
  void append(const std::string& line);

  std::string path_;
  FileDescriptor file_;
};

}  // namespace lmbench::process
