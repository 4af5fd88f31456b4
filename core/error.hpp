// The one exception type of the runner's set-up code: a sentence the user can act on, where it
// applies, and the exit code it means. The hot path and the plugin boundary use codes instead.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace lmbench {

// What a lmbench process tells its caller; the same for every sub-command.
enum class ExitCode : int {
  ok = 0,
  benchmark_says_no = 1,  // a case did not end ok, or a regression
  bad_usage = 2,          // command line or scenario
  engine_unusable = 3,    // plugin, engine or model; nothing was run
  unclear_comparison = 4,
};

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& sentence, ExitCode exit_code = ExitCode::bad_usage)
      : std::runtime_error(sentence), exit_code_(exit_code) {}
  // location: "scenario.toml:12:5", put in front of the sentence.
  Error(const std::string& location, const std::string& sentence, ExitCode exit_code)
      : std::runtime_error(location + ": " + sentence), exit_code_(exit_code) {}

  ExitCode exit_code() const noexcept { return exit_code_; }
 private:
  ExitCode exit_code_;
};

}  // namespace lmbench
