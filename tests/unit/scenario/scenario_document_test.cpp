// docs/scenario.md describes the keys that the reader knows, and the options that sim knows.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <lmbench/plugin.hpp>
#include <set>
#include <sstream>

#include "scenario/ab_keys.hpp"
#include "scenario/scenario_files.hpp"
#include "scenario/scenario_reader.hpp"
#include "sim/sim_options.hpp"

using namespace lmbench;
using namespace lmbench::scenario;

namespace {

std::string document() {
  std::ifstream file(LMBENCH_SOURCE_DIR "/docs/scenario.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The first column of the tables below a heading, where it is in backquotes.
std::set<std::string> names_below(const std::string& heading) {
  const std::string text = document();
  const std::size_t begin = text.find("\n## " + heading + "\n");
  REQUIRE(begin != std::string::npos);
  std::istringstream section(text.substr(begin + 1, text.find("\n## ", begin + 1) - begin - 1));
  std::set<std::string> names;
  for (std::string line; std::getline(section, line);) {
    if (line.starts_with("| `")) names.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

std::string first_example() {
  const std::string text = document();
  const std::size_t begin = text.find("```toml\n") + 8;
  return text.substr(begin, text.find("```", begin) - begin);
}

// As the runner hands them to a plugin. Borrows options.
std::vector<ConfigEntry> entries_of(const Options& options) {
  std::vector<ConfigEntry> entries;
  for (const auto& [key, value] : options) {
    ConfigEntry& entry = entries.emplace_back();
    entry.key = sdk::abi(key);
    if (const auto* text = std::get_if<std::string>(&value)) {
      entry.type = ValueType::text;
      entry.text = sdk::abi(*text);
    } else if (const auto* real = std::get_if<double>(&value)) {
      entry.type = ValueType::real;
      entry.number.real = *real;
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      entry.type = ValueType::integer;
      entry.number.integer = *integer;
    } else {
      entry.type = ValueType::boolean;
      entry.number.integer = std::get<bool>(value) ? 1 : 0;
    }
  }
  return entries;
}

}  // namespace

TEST_CASE("the document describes exactly the keys that the reader knows") {
  const std::vector<std::string> keys = known_keys();
  std::set<std::string> known(keys.begin(), keys.end());
  for (const char* table : {"options", "environment"}) {
    known.insert(std::string("variant.") + table);
  }
  for (const VariantRule& rule : variant_rules()) known.insert("variant." + std::string(rule.key));
  std::set<std::string> described = names_below("Keys");
  described.merge(names_below("Keys of an A/B session"));
  CHECK(described == known);
}

TEST_CASE("the document's example is a scenario") {
  const Scenario scenario = read_scenario(first_example(), "docs/scenario.md", {});
  CHECK(scenario.name == "example");
}

TEST_CASE("the document describes exactly the options that sim knows") {
  ConfigEntry entry{};
  entry.key = sdk::abi("?");
  entry.type = ValueType::integer;
  std::string answer;
  try {
    sim::read_options({&entry, 1});
  } catch (const sdk::Error& e) {
    answer = e.what();  // "unknown key '?'; known keys: a, b"
  }
  const std::size_t begin = answer.find("known keys: ");
  REQUIRE(begin != std::string::npos);
  std::istringstream list(answer.substr(begin + 12));
  std::set<std::string> known;
  for (std::string name; list >> name;) {
    if (name.back() == ',') name.pop_back();
    known.insert(name);
  }
  for (const char* ignored : {"model", "weights", "device", "dtype", "tp", "threads",
                              "max_context_token_num", "cache_max_entry_count"}) {
    known.erase(ignored);
  }
  CHECK(names_below("The sim engine") == known);
}

TEST_CASE("the document describes exactly the faults of the sim engine") {
  std::set<std::string> known;
  for (auto fault = sim::Fault::short_output; fault <= sim::Fault::throw_in_submit;
       fault = static_cast<sim::Fault>(static_cast<std::uint32_t>(fault) + 1)) {
    known.emplace(sim::name_of(fault));
  }
  CHECK(names_below("Faults of the sim engine") == known);
}

TEST_CASE("the sim engine takes the options of every shipped scenario") {
  const std::filesystem::path configs = LMBENCH_SOURCE_DIR "/configs";
  for (const auto& file : std::filesystem::directory_iterator(configs / "scenarios")) {
    CAPTURE(file.path().string());
    const Scenario scenario = load_scenario(file.path().string(), {}, configs, {});
    const auto entries = entries_of(scenario.engine.options);
    CHECK_NOTHROW(sim::read_options({entries.data(), entries.size()}));
  }
}
