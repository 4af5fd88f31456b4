// The canonical text has one key in a line, in a fixed order, and no line end in a value: comparing
// it line by line misses no key, also none that is added later.
// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_difference.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "scenario/scenario_writer.hpp"

namespace lmbench::scenario {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

// The end of the key in a line "key = value", where the key may be quoted.
std::size_t end_of_key(const std::string& line) {
  std::size_t i = 0;
  if (line.starts_with('"')) {
    for (i = 1; i < line.size() && line[i] != '"'; ++i) {
      if (line[i] == '\\') ++i;
    }
  }
  return line.find(" = ", i);
}

Entries entries_of(const Scenario& scenario) {
  Entries entries;
  std::istringstream lines(toml_text(scenario));
  std::string table;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) {
      table = line.substr(1, line.size() - 2) + ".";
    } else if (const std::size_t end = end_of_key(line); end != std::string::npos) {
      entries.emplace_back(table + line.substr(0, end), line.substr(end + 3));
    }
  }
  return entries;
}

std::string value_in(const Entries& entries, const std::string& key) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  return found == entries.end() ? "none" : found->second;
}

}  // namespace

std::vector<Difference> differences(const Scenario& there, const Scenario& here) {
  const Entries theirs = entries_of(there);
  const Entries ours = entries_of(here);
  std::vector<Difference> found;
  for (const auto& [key, value] : theirs) {
    std::string other = value_in(ours, key);
    if (other != value) found.push_back({key, value, std::move(other)});
  }
  for (const auto& [key, value] : ours) {
    if (value_in(theirs, key) == "none") found.push_back({key, "none", value});
  }
  return found;
}

}  // namespace lmbench::scenario
