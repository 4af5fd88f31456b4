// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "cli/command_line.hpp"
#include "error.hpp"
#include "scenario/nearest_name.hpp"
#include "scenario/scenario_reader.hpp"
#include "scenario/scenario_writer.hpp"

namespace lmbench::cli {
namespace {

using scenario::Override;
using scenario::toml_quoted;

// The matrix, rounds and sampling that profile_generation.py has where nothing is said; the round
// mode and isolation are those that repeat its behaviour.
constexpr const char* kDefaults = R"(
[scenario]
name = "profile"
[engine]
plugin = "turbomind"
[engine.environment]
TM_LOG_LEVEL = "ERROR"
[matrix]
concurrency = [1, 16, 32, 64]
prompt_tokens = [1, 128, 128, 2048, 2048]
completion_tokens = [128, 128, 2048, 128, 2048]
[measure]
test_rounds = 10
warmup_rounds = 1
round_mode = "closed"
isolate = "case"
[output]
csv = "profile_generation.csv"
)";

enum class Form {
  count,   // one integer, at least 1
  number,  // one number
  text,    // one word
  counts,  // a list of integers
};

// An option that is a scenario key by another name.
struct KeyOption {
  const char* flag;
  const char* key;
  Form form;
  const char* help;
};

constexpr std::array<KeyOption, 18> kKeyOptions = {{
    {"--concurrency", "matrix.concurrency", Form::counts, "concurrent clients; default 1 16 32 64"},
    {"--prompt-tokens", "matrix.prompt_tokens", Form::counts,
     "prompt lengths; default 1 128 128 2048 2048"},
    {"--completion-tokens", "matrix.completion_tokens", Form::counts,
     "completion lengths, paired with the prompt lengths; default 128 128 2048 128 2048"},
    {"--tp", "engine.options.tp", Form::count, "number of ranks the model is split over"},
    {"--top-k", "sampling.top_k", Form::number, "default 1"},
    {"--top-p", "sampling.top_p", Form::number, "default 1.0"},
    {"--temperature", "sampling.temperature", Form::number, "default 1.0"},
    {"--csv", "output.csv", Form::text,
     "file for the 12 columns; empty: none; default profile_generation.csv"},
    {"--log-level", "engine.environment.TM_LOG_LEVEL", Form::text,
     "the engine's log level, as environment variable TM_LOG_LEVEL; default ERROR"},
    {"--test-round", "measure.test_rounds", Form::number, "measured rounds; default 10"},
    {"--warmup-round", "measure.warmup_rounds", Form::number, "rounds before; default 1"},
    {"--engine", "engine.plugin", Form::text, "plugin name or path of a .so; default turbomind"},
    {"--round-mode", "measure.round_mode", Form::text,
     "closed: as the original; barrier: all clients start each round together; default closed"},
    {"--isolate", "measure.isolate", Form::text,
     "case: a fresh worker per case; run: one load for all cases; default case"},
    {"--seed", "prompts.seed", Form::number, "seed of prompts and sampling; default 0"},
    {"--prompts", "prompts.kind", Form::text, "distinct, same or legacy; default distinct"},
    {"--case-timeout", "measure.case_timeout_s", Form::number, "seconds for a case; default none"},
    {"--stall-timeout", "measure.stall_timeout_s", Form::number,
     "seconds without a token before a case counts as hanging; default 120"},
}};

// The level names of Python's logging module, which the original takes.
constexpr std::array<std::string_view, 8> kLogLevels = {"CRITICAL", "FATAL", "ERROR", "WARNING",
                                                        "WARN",     "INFO",  "DEBUG", "NOTSET"};

using Values = std::map<std::string, std::vector<std::string>>;

struct Parsed {
  ProfileOptions options;
  std::string model_path;
  std::vector<std::string> settings;
  bool is_strict = false;
  Values values;  // of kKeyOptions, by flag
};

[[noreturn]] void refuse(const std::string& place, const std::string& sentence) {
  throw Error(place, sentence, ExitCode::bad_usage);
}

std::int64_t integer_from(const std::string& word, const std::string& flag) {
  std::int64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc::result_out_of_range) refuse(flag, "'" + word + "' is too large");
  if (error != std::errc{} || stop != end) refuse(flag, "'" + word + "' is not an integer");
  return number;
}

// As TOML writes it; the original's Python also takes forms such as ".8", which TOML does not.
std::string number_from(const std::string& word, const std::string& flag) {
  double number = 0.0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc::result_out_of_range) refuse(flag, "'" + word + "' is too large");
  if (error != std::errc{} || stop != end) refuse(flag, "'" + word + "' is not a number");
  if (word.find_first_not_of("-0123456789") == std::string::npos) {
    return std::to_string(integer_from(word, flag));
  }
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  std::string text(buffer.data(), result.ptr);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string toml_value(const KeyOption& option, const std::vector<std::string>& words) {
  const std::string& word = words.back();
  if (option.form == Form::text) return toml_quoted(word);
  if (option.form == Form::number) return number_from(word, option.flag);
  if (option.form == Form::count) {
    const std::int64_t count = integer_from(word, option.flag);
    if (count < 1) refuse(option.flag, "'" + word + "' is below 1");
    return std::to_string(count);
  }
  std::string list;
  for (const std::string& entry : words) {
    list += (list.empty() ? "" : ", ") + std::to_string(integer_from(entry, option.flag));
  }
  return "[" + list + "]";
}

void declare(CLI::App& app, Parsed& parsed) {
  app.add_option("MODEL_PATH", parsed.model_path,
                 "TurboMind directory, or anything the plugin takes as model")
      ->required();
  for (const KeyOption& option : kKeyOptions) {
    CLI::Option* added = app.add_option(option.flag, parsed.values[option.flag], option.help);
    if (option.form == Form::counts) {
      added->expected(1, CLI::detail::expected_max_vector_size)->type_name("N...");
    } else {
      added->expected(1)->allow_extra_args(false)->multi_option_policy(
          CLI::MultiOptionPolicy::TakeLast);
      added->type_name(option.form == Form::text ? "TEXT" : "N");
    }
  }
  app.add_option("--set", parsed.settings,
                 "override a key of the scenario, as in engine.options.dtype=bf16; repeatable")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  CLI::Option* out = app.add_option("--out", parsed.options.out,
                                    "results folder; default results/profile-<utc time>")
                         ->type_name("DIR");
  CLI::Option* resume = app.add_option("--resume", parsed.options.resume, kResumeHelp)
                            ->type_name("DIR")
                            ->excludes(out);
  app.add_option("--retry", parsed.options.retry, kRetryHelp)
      ->type_name("all")
      ->check(CLI::IsMember({"all"}))
      ->needs(resume);
  app.add_flag("--dry-run", parsed.options.is_dry_run,
               "print the plan and what it needs; run nothing")
      ->excludes(resume);
  app.add_flag("--strict", parsed.is_strict, "warnings about a case are failures of the case");
  app.add_flag("--print-scenario", parsed.options.print_scenario,
               "print the same matrix as a scenario file; run nothing");
  app.add_flag("--in-process", parsed.options.in_process,
               "no worker process, for debuggers: a crash of the engine ends lmbench");
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

// Dashes for underscores in the names of options; "--opt=" as an option with an empty value, which
// CLI11 would take as one without a value.
std::vector<std::string> normalised(const std::vector<std::string>& words,
                                    const std::vector<std::string>& flags) {
  std::vector<std::string> result;
  for (const std::string& word : words) {
    if (!word.starts_with("--") || word.size() == 2) {
      result.push_back(word);
      continue;
    }
    const std::size_t name_size = std::min(word.find('='), word.size());
    std::string name = word.substr(0, name_size);
    std::replace(name.begin(), name.end(), '_', '-');
    if (std::find(flags.begin(), flags.end(), name) == flags.end()) {
      throw Error("unknown option '" + name + "'" + scenario::did_you_mean(name, flags));
    }
    const bool has_empty_value = name_size + 1 == word.size();
    result.push_back(has_empty_value ? name : name + word.substr(name_size));
    if (has_empty_value) result.emplace_back();
  }
  return result;
}

std::vector<Override> overrides_from(const Parsed& parsed) {
  std::vector<Override> overrides = {
      {"engine.options.model", toml_quoted(parsed.model_path), "MODEL_PATH"}};
  for (const KeyOption& option : kKeyOptions) {
    const std::vector<std::string>& words = parsed.values.at(option.flag);
    if (!words.empty()) overrides.push_back({option.key, toml_value(option, words), option.flag});
  }
  if (parsed.is_strict) overrides.push_back({"measure.strict", "true", "--strict"});
  for (const std::string& setting : parsed.settings) {
    overrides.push_back(scenario::parse_setting(setting));
  }
  return overrides;
}

void check_log_level(const Values& values) {
  const std::vector<std::string>& words = values.at("--log-level");
  if (words.empty()) return;
  if (std::find(kLogLevels.begin(), kLogLevels.end(), words.back()) != kLogLevels.end()) return;
  std::string all;
  for (const std::string_view level : kLogLevels) all += " " + std::string(level);
  refuse("--log-level", "'" + words.back() + "' is not one of" + all);
}

// The reader refuses these too, but where one list is a default its place would say nothing.
void check_pairs(const Parsed& parsed) {
  constexpr std::size_t kDefaultPairs = 5;
  const auto size_of = [&](const char* flag) {
    const std::size_t size = parsed.values.at(flag).size();
    return size == 0 ? kDefaultPairs : size;
  };
  const std::size_t prompts = size_of("--prompt-tokens");
  const std::size_t completions = size_of("--completion-tokens");
  if (prompts == completions || !parsed.settings.empty()) return;
  throw Error("--prompt-tokens has " + std::to_string(prompts) +
              " entries and --completion-tokens has " + std::to_string(completions) +
              "; they are paired, so give both the same number");
}

constexpr const char* kAbout =
    "measure static inference as lmdeploy's profile_generation.py does, with its options.\n"
    "Names may be written with '-' or '_'.";

}  // namespace

std::string profile_help() {
  Parsed parsed;
  CLI::App app(kAbout, "lmbench profile");
  declare(app, parsed);
  return app.help();
}

ProfileOptions parse_profile_options(const std::vector<std::string>& words) {
  Parsed parsed;
  CLI::App app(kAbout, "lmbench profile");
  declare(app, parsed);
  std::vector<std::string> arguments = normalised(words, flags_of(app));
  try {
    std::reverse(arguments.begin(), arguments.end());  // the order in which CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    parsed.options.help = true;
    return parsed.options;
  } catch (const CLI::ParseError& e) {
    throw Error(std::string(e.what()) + "; see lmbench profile --help");
  }
  if (parsed.model_path.empty()) refuse("MODEL_PATH", "the path is empty");
  check_log_level(parsed.values);
  check_pairs(parsed);
  parsed.options.scenario = scenario::read_with_overrides(kDefaults, "", overrides_from(parsed));
  return parsed.options;
}

}  // namespace lmbench::cli
