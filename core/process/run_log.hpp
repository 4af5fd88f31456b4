// log.txt of a results folder: what lmbench, the engine and the worker process said, with times.
// Warnings go to standard error as well, the same sentence once. Remembers the engine's last words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lmbench::process {

enum class Severity { debug, info, warning, error };

class RunLog {
 public:
  // Without a file (generate, convert, inspect) only warnings are shown. Throws Error.
  explicit RunLog(const std::optional<std::filesystem::path>& file);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  void write(Severity severity, const std::string& text);
  // The same, of what the engine said to its host.
  void write_engine(Severity severity, const std::string& text);
  // Raw output of a worker: to the file, line by line; on standard error only without a file.
  void write_output(std::string_view text);

  // The end of what the engine said and the worker printed since forget_last_words(): what is worth
  // keeping with the row of a case that failed.
  const std::string& last_words() const noexcept;
  void forget_last_words();
 private:
  struct Sinks;
  std::unique_ptr<Sinks> sinks_;
};

}  // namespace lmbench::process
