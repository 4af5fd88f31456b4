// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_reader.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <utility>

#include "error.hpp"
#include "scenario/ab_keys.hpp"
#include "scenario/nearest_name.hpp"
#include "scenario/scenario_keys.hpp"
#include "scenario/scenario_writer.hpp"
#include "scenario/toml_document.hpp"

namespace lmbench::scenario {
namespace {

constexpr std::string_view kOptions = "engine.options";
constexpr std::string_view kEnvironment = "engine.environment";
constexpr std::string_view kVariant = "variant";

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
// depth: segments before the option's own.
void read_option(const Entry& entry, std::size_t depth, Options& options) {
  constexpr std::size_t kLongestKey = 200;
  if (entry.value.kind == Value::Kind::table) return;
  const std::string key = dotted(std::span(entry.path).subspan(depth));
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
  const Field field(dotted(entry.path), entry.value);
  options.emplace_back(key, field.option());
}

void read_environment(const Entry& entry, std::size_t depth,
                      std::map<std::string, std::string>& environment) {
  const std::string& name = entry.path.back();
  if (entry.path.size() != depth + 1 || name.empty() || name.find('=') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    refuse(entry.key_place, "'" + name + "' cannot be the name of an environment variable");
  }
  environment[name] = Field(dotted(entry.path), entry.value).environment_value();
}

// "variant", "variant.0.plugin", "variant.0.options.tp" and so on.
void read_variant(const Entry& entry, Draft& draft) {
  constexpr std::size_t kMostVariants = 16;
  std::vector<Variant>& variants = draft.scenario.variants;
  if (entry.path.size() == 1) {
    const bool is_list = entry.value.kind == Value::Kind::array;
    for (const Value& item : entry.value.items) {
      if (item.kind != Value::Kind::table) refuse(item.place, "a variant is a table [[variant]]");
    }
    if (!is_list) refuse(entry.key_place, "write variants as tables [[variant]]");
    if (entry.value.items.size() > kMostVariants) {
      refuse(entry.key_place, "there are more than " + std::to_string(kMostVariants) + " variants");
    }
    variants.resize(entry.value.items.size());
    return;
  }
  Variant& variant = variants.at(std::stoul(entry.path[1]));
  const std::string& key = entry.path[2];
  const bool is_table = entry.value.kind == Value::Kind::table;
  if (key == "options" || key == "environment") {
    if (entry.path.size() == 3 && !is_table) {
      refuse(entry.value.place, "'variant." + key + "' must be a table");
    }
    if (entry.path.size() == 3) return;
    if (key == "options") return read_option(entry, 3, variant.options);
    return read_environment(entry, 3, variant.environment);
  }
  for (const VariantRule& rule : variant_rules()) {
    if (rule.key == key && entry.path.size() == 3) {
      return rule.read(Field("variant." + key, entry.value), variant);
    }
  }
  std::vector<std::string> known = {"options", "environment"};
  for (const VariantRule& rule : variant_rules()) known.emplace_back(rule.key);
  refuse(entry.key_place, "unknown key 'variant." + key + "'" + did_you_mean(key, known));
}

void read_entry(const Entry& entry, const std::vector<std::string>& keys, Draft& draft) {
  const std::string key = dotted(entry.path);
  const bool is_table = entry.value.kind == Value::Kind::table;
  if (key.starts_with(std::string(kOptions) + ".")) {
    return read_option(entry, 2, draft.scenario.engine.options);
  }
  if (key.starts_with(std::string(kEnvironment) + ".")) {
    return read_environment(entry, 2, draft.scenario.engine.environment);
  }
  if (entry.path.front() == kVariant) return read_variant(entry, draft);
  if (key == kOptions || key == kEnvironment || is_table_name(key, keys)) {
    if (!is_table) refuse(entry.value.place, "'" + key + "' must be a table");
    return;
  }
  for (const auto rules : {scenario_rules(), ab_rules()}) {
    for (const Rule& rule : rules) {
      if (rule.key == key) return rule.read(Field(key, entry.value), draft);
    }
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

// Each has a name of its own: rows and verdicts go by it.
void check_variants(const std::vector<Variant>& variants, const std::string& source) {
  std::set<std::string> names;
  for (const Variant& variant : variants) {
    if (variant.name.empty()) refuse(source, "a [[variant]] has no name");
    if (!names.insert(variant.name).second) {
      refuse(source, "two variants have the name '" + variant.name + "'");
    }
  }
}

void check_ab(const Ab& ab, const std::string& source) {
  if (ab.detect_percent > ab.min_effect_percent) return;
  refuse(source, "'ab.detect_percent' must be above 'ab.min_effect_percent'");
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
  check_variants(scenario.variants, source);
  check_ab(scenario.ab, source);
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

Options options_in(std::string_view text, const std::string& source_path) {
  const std::vector<Entry> entries = read_document(text, source_path, {});
  const bool is_scenario = std::any_of(entries.begin(), entries.end(), [](const Entry& entry) {
    return dotted(entry.path) == "engine" && entry.value.kind == Value::Kind::table;
  });
  Options options;
  for (const Entry& entry : entries) {
    if (!is_scenario) read_option(entry, 0, options);
    if (is_scenario && dotted(entry.path).starts_with(std::string(kOptions) + ".")) {
      read_option(entry, 2, options);
    }
  }
  return options;
}

std::vector<std::string> known_keys() {
  std::vector<std::string> keys = {std::string(kOptions), std::string(kEnvironment)};
  for (const Rule& rule : scenario_rules()) keys.emplace_back(rule.key);
  for (const Rule& rule : ab_rules()) keys.emplace_back(rule.key);
  return keys;
}

}  // namespace lmbench::scenario
