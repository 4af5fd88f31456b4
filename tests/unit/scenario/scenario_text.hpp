// Scenario texts for the tests, and what an error about one says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "scenario/scenario_reader.hpp"

namespace scenario_text {

// The least that is a scenario.
inline const std::string kSmall =
    "[engine]\nplugin = \"sim\"\n"
    "[matrix]\nconcurrency = [1]\nprompt_tokens = [8]\ncompletion_tokens = [4]\n";

inline lmbench::scenario::Scenario read(const std::string& text,
                                        const std::vector<std::string>& settings = {}) {
  return lmbench::scenario::read_scenario(text, "x.toml", settings);
}

// "" when it is read without an error.
inline std::string error_of(const std::string& text,
                            const std::vector<std::string>& settings = {}) {
  try {
    read(text, settings);
  } catch (const lmbench::Error& e) {
    return e.exit_code() == lmbench::ExitCode::bad_usage ? e.what() : "wrong exit code";
  }
  return "";
}

}  // namespace scenario_text
