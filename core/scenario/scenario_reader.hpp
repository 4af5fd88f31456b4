// Scenario text (TOML) into a checked Scenario. Strict: an unknown key, a wrong type or a value out
// of range is an Error with the place, "scenario.toml:12:5" or "--set matrix.concurrency".
// docs/scenario.md describes each key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::scenario {

// One key set from outside the file.
struct Override {
  std::string key;     // dotted: "matrix.concurrency"
  std::string value;   // a TOML value; anything else is taken as a string
  std::string origin;  // what an error about it begins with: "--set matrix.concurrency"
};

// "matrix.concurrency=[1,4]", as --set takes it.
Override parse_setting(const std::string& setting);

// source_path: for error places and Scenario::source_path; empty when the text is from no file.
Scenario read_scenario(std::string_view text, const std::string& source_path,
                       std::span<const std::string> settings);
Scenario read_with_overrides(std::string_view text, const std::string& source_path,
                             const std::vector<Override>& overrides);

// The options of an engine: those of a scenario's [engine.options], or of a text that has nothing but
// their keys.
Options options_in(std::string_view text, const std::string& source_path);

// Every key the reader knows, dotted; "engine.options" and "engine.environment" are open tables.
std::vector<std::string> known_keys();

}  // namespace lmbench::scenario
