// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_reader.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <utility>

#include "error.hpp"
#include "scenario/nearest_name.hpp"
#include "scenario/scenario_keys.hpp"
#include "scenario/scenario_writer.hpp"
#include "scenario/toml_document.hpp"

namespace lmbench::scenario {
namespace {

constexpr std::string_view kOptions = "engine.options";
constexpr std::string_view kEnvironment = "engine.environment";

[[noreturn]] void refuse(const std::string& place, const std::string& sentence) {
  throw Error(place, sentence, ExitCode::bad_usage);
}

std::string dotted(std::span<const std::string> path) {
  std::string key;
  for (const std::string& segment : path) key += (key.empty() ? "" : ".") + segment;
  return key;
}

bool is_table_name(const std::string& key, const std::vector<std::string>& keys) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const std::string& known) { return known.starts_with(key + "."); });
}

// An option's path, which must be of bare keys: the dots of the joined name then mean one thing.
void read_option(const Entry& entry, Draft& draft) {
  constexpr std::size_t kLongestKey = 200;
  if (entry.value.kind == Value::Kind::table) return;
  const std::string key = dotted(std::span(entry.path).subspan(2));
  for (const std::string& segment : entry.path) {
    const bool is_bare = std::all_of(segment.begin(), segment.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_';
    });
    if (!is_bare || segment.empty() || key.size() > kLongestKey) {
      refuse(entry.key_place, "an engine option's name has letters, digits, '-' and '_' only");
    }
  }
  if (key.starts_with("lmbench.")) {
    refuse(entry.key_place, "options below 'lmbench' are the runner's own; take '" + key + "' out");
  }
  const Field field("engine.options." + key, entry.value);
  draft.scenario.engine.options.emplace_back(key, field.option());
}

void read_environment(const Entry& entry, Draft& draft) {
  const std::string& name = entry.path.back();
  if (entry.path.size() != 3 || name.empty() || name.find('=') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    refuse(entry.key_place, "'" + name + "' cannot be the name of an environment variable");
  }
  const Field field("engine.environment." + name, entry.value);
  draft.scenario.engine.environment[name] = field.environment_value();
}

void read_entry(const Entry& entry, const std::vector<std::string>& keys, Draft& draft) {
  const std::string key = dotted(entry.path);
  const bool is_table = entry.value.kind == Value::Kind::table;
  if (key.starts_with(std::string(kOptions) + ".")) return read_option(entry, draft);
  if (key.starts_with(std::string(kEnvironment) + ".")) return read_environment(entry, draft);
  if (key == kOptions || key == kEnvironment || is_table_name(key, keys)) {
    if (!is_table) refuse(entry.value.place, "'" + key + "' must be a table");
    return;
  }
  for (const Rule& rule : scenario_rules()) {
    if (rule.key == key) return rule.read(Field(key, entry.value), draft);
  }
  if (!is_table) refuse(entry.key_place, "unknown key '" + key + "'" + did_you_mean(key, keys));
  if (entry.key_place.empty()) return;  // made by an override, whose key comes next
  std::vector<std::string> tables;
  for (const std::string& known : keys) tables.push_back(known.substr(0, known.rfind('.')));
  refuse(entry.key_place, "unknown table '" + key + "'" + did_you_mean(key, tables));
}

const List& required(const std::optional<List>& list, const std::string& key,
                     const std::string& source) {
  if (!list) refuse(source, "the key '" + key + "' is missing");
  return *list;
}

void pair_lengths(const Draft& draft, const std::string& source, Matrix& matrix) {
  matrix.concurrency = required(draft.concurrency, "matrix.concurrency", source).numbers;
  const List& prompts = required(draft.prompt_tokens, "matrix.prompt_tokens", source);
  const List& completions = required(draft.completion_tokens, "matrix.completion_tokens", source);
  if (prompts.numbers.size() != completions.numbers.size()) {
    refuse(completions.place,
           "'matrix.completion_tokens' has " + std::to_string(completions.numbers.size()) +
               " entries and 'matrix.prompt_tokens' has " + std::to_string(prompts.numbers.size()) +
               "; they are paired, so give both the same number");
  }
  for (std::size_t i = 0; i < prompts.numbers.size(); ++i) {
    matrix.lengths.push_back({prompts.numbers[i], completions.numbers[i]});
  }
}

// Clients of a closed loop go on by themselves, so that their rounds are counted beforehand.
constexpr std::uint32_t kClosedWarmupRounds = 1;
constexpr std::uint32_t kClosedTestRounds = 10;

void settle_rounds(Measure& measure, const std::string& source) {
  if (measure.round_mode == RoundMode::closed) {
    measure.warmup_rounds = measure.warmup_rounds.value_or(kClosedWarmupRounds);
    measure.test_rounds = measure.test_rounds.value_or(kClosedTestRounds);
  }
  const TestLimits& limits = measure.test_limits;
  if (measure.test_rounds || limits.min_rounds <= limits.max_rounds) return;
  refuse(source, "'measure.min_rounds' is " + std::to_string(limits.min_rounds) +
                     ", above 'measure.max_rounds', which is " + std::to_string(limits.max_rounds));
}

// The file's own name where the scenario has none; it becomes part of a folder's name.
std::string name_from(const std::string& source_path) {
  std::string name = std::filesystem::path(source_path).stem().string();
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '-';
  }
  return name.empty() ? "scenario" : name.substr(0, 100);
}

}  // namespace

Override parse_setting(const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    refuse("--set " + setting, "write it as key=value, such as matrix.concurrency=[1,4]");
  }
  const std::string key = setting.substr(0, equals);
  return {key, setting.substr(equals + 1), "--set " + key};
}

Scenario read_with_overrides(std::string_view text, const std::string& source_path,
                             const std::vector<Override>& overrides) {
  const std::vector<std::string> keys = known_keys();
  Draft draft;
  for (const Entry& entry : read_document(text, source_path, overrides)) {
    read_entry(entry, keys, draft);
  }
  Scenario scenario = std::move(draft.scenario);
  const std::string source = source_path.empty() ? "scenario" : source_path;
  if (scenario.engine.plugin.empty()) refuse(source, "the key 'engine.plugin' is missing");
  pair_lengths(draft, source, scenario.matrix);
  settle_rounds(scenario.measure, source);
  if (scenario.name.empty()) scenario.name = name_from(source_path);
  if (!source_path.empty()) {
    scenario.source_path = std::filesystem::absolute(source_path).lexically_normal().string();
  }
  scenario.resolved_toml = toml_text(scenario);
  return scenario;
}

Scenario read_scenario(std::string_view text, const std::string& source_path,
                       std::span<const std::string> settings) {
  std::vector<Override> overrides;
  for (const std::string& setting : settings) overrides.push_back(parse_setting(setting));
  return read_with_overrides(text, source_path, overrides);
}

std::vector<std::string> known_keys() {
  std::vector<std::string> keys = {std::string(kOptions), std::string(kEnvironment)};
  for (const Rule& rule : scenario_rules()) keys.emplace_back(rule.key);
  return keys;
}

}  // namespace lmbench::scenario
