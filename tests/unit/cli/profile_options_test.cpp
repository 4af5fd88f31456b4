// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_options.hpp"

#include <doctest/doctest.h>

#include "error.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario_reader.hpp"

using namespace lmbench;
using namespace lmbench::scenario;
using cli::parse_profile_options;
using Words = std::vector<std::string>;

namespace {

std::string error_of(const Words& words) {
  try {
    parse_profile_options(words);
  } catch (const Error& e) {
    return e.exit_code() == ExitCode::bad_usage ? e.what() : "wrong exit code";
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a model path alone is the default command of the original") {
  const Scenario s = parse_profile_options({"/m"}).scenario;
  CHECK(s.name == "profile");
  CHECK(s.engine.plugin == "turbomind");
  CHECK(s.engine.options == Options{{"model", std::string("/m")}});
  CHECK(s.engine.environment.at("TM_LOG_LEVEL") == "ERROR");
  CHECK(s.sampling == Sampling{1, 1.0F, 1.0F});
  CHECK(s.measure.test_rounds == 10);
  CHECK(s.measure.warmup_rounds == 1);
  CHECK(s.measure.round_mode == RoundMode::closed);
  CHECK(s.measure.isolate == Isolate::per_case);
  CHECK(s.output.csv == "profile_generation.csv");
  const auto plan = make_plan(s);
  REQUIRE(plan.size() == 20);
  CHECK(plan[0].case_id == "01-b1-p1-r128");
  CHECK(plan[19].case_id == "20-b64-p2048-r2048");
}

TEST_CASE("the documented command of the original is understood word by word") {
  const auto options = parse_profile_options({"MODEL",
                                              "--concurrency",
                                              "1",
                                              "16",
                                              "--prompt-tokens",
                                              "1",
                                              "128",
                                              "--completion-tokens",
                                              "128",
                                              "2048",
                                              "--tp",
                                              "2",
                                              "--top_k",
                                              "40",
                                              "--top_p",
                                              "0.8",
                                              "--temperature",
                                              "0.5",
                                              "--csv",
                                              "./out.csv",
                                              "--log-level",
                                              "INFO",
                                              "--test-round",
                                              "6",
                                              "--warmup-round",
                                              "0"});
  const Scenario& s = options.scenario;
  CHECK(s.matrix.concurrency == std::vector<std::uint32_t>{1, 16});
  CHECK(s.matrix.lengths == std::vector<LengthPair>{{1, 128}, {128, 2048}});
  CHECK(s.engine.options == Options{{"model", std::string("MODEL")}, {"tp", std::int64_t{2}}});
  CHECK(s.engine.environment.at("TM_LOG_LEVEL") == "INFO");
  CHECK(s.sampling == Sampling{40, 0.8F, 0.5F});
  CHECK(s.measure.test_rounds == 6);
  CHECK(s.measure.warmup_rounds == 0);
  CHECK(s.output.csv == "./out.csv");
  CHECK_FALSE(options.is_dry_run);
}

TEST_CASE("the options lmbench adds reach the scenario") {
  const auto options = parse_profile_options({"--engine",
                                              "sim",
                                              "M",
                                              "--round-mode=barrier",
                                              "--isolate",
                                              "run",
                                              "--seed",
                                              "7",
                                              "--prompts",
                                              "legacy",
                                              "--case-timeout",
                                              "60",
                                              "--stall-timeout",
                                              "1.5",
                                              "--out",
                                              "r",
                                              "--dry-run",
                                              "--strict",
                                              "--print-scenario",
                                              "--in-process",
                                              "--set",
                                              "engine.options.dtype=bf16",
                                              "--set",
                                              "matrix.concurrency=[2]"});
  const Scenario& s = options.scenario;
  CHECK(s.engine.plugin == "sim");
  CHECK(s.measure.round_mode == RoundMode::barrier);
  CHECK(s.measure.isolate == Isolate::run);
  CHECK(s.prompts.seed == 7);
  CHECK(s.prompts.kind == PromptKind::legacy);
  CHECK(s.measure.case_timeout_s == 60.0);
  CHECK(s.measure.stall_timeout_s == 1.5);
  CHECK(s.measure.strict);
  CHECK(options.out == "r");
  CHECK(options.is_dry_run);
  CHECK(options.print_scenario);
  CHECK(options.in_process);
  CHECK(s.matrix.concurrency == std::vector<std::uint32_t>{2});
  const Options wanted = {{"dtype", std::string("bf16")}, {"model", std::string("M")}};
  CHECK(s.engine.options == wanted);
}

TEST_CASE("dashes and underscores are the same in every option's name") {
  const Words dashes = {"M",      "--prompt-tokens", "5",    "--completion-tokens",
                        "6",      "--top-k",         "3",    "--test-round",
                        "2",      "--log-level",     "WARN", "--round-mode",
                        "barrier"};
  Words underscores = dashes;
  for (std::string& word : underscores) {
    if (!word.starts_with("--")) continue;
    for (std::size_t i = 2; i < word.size(); ++i) {
      if (word[i] == '-') word[i] = '_';
    }
  }
  CHECK(parse_profile_options(dashes).scenario == parse_profile_options(underscores).scenario);
}

TEST_CASE("an option and its value may be one word") {
  const Scenario s = parse_profile_options({"M", "--top_k=5", "--csv=a=b.csv", "--tp=4",
                                            "--set=matrix.concurrency=[1,4]"})
                         .scenario;
  CHECK(s.sampling.top_k == 5);
  CHECK(s.output.csv == "a=b.csv");
  CHECK(s.matrix.concurrency == std::vector<std::uint32_t>{1, 4});
}

TEST_CASE("an empty csv means no file, in both ways of writing it") {
  CHECK_FALSE(parse_profile_options({"M", "--csv", ""}).scenario.output.csv);
  CHECK_FALSE(parse_profile_options({"--csv=", "M"}).scenario.output.csv);
}

TEST_CASE("a path that looks like a number stays a path") {
  CHECK(parse_profile_options({"123"}).scenario.engine.options ==
        Options{{"model", std::string("123")}});
  CHECK(parse_profile_options({"a \"b\"\\n"}).scenario.engine.options ==
        Options{{"model", std::string("a \"b\"\\n")}});
}

TEST_CASE("the last of a repeated option counts") {
  CHECK(parse_profile_options({"M", "--tp", "2", "--tp", "4"}).scenario.engine.options ==
        Options{{"model", std::string("M")}, {"tp", std::int64_t{4}}});
}

TEST_CASE("numbers are read as Python reads them") {
  CHECK(parse_profile_options({"M", "--top_p", ".5"}).scenario.sampling.top_p == 0.5F);
  CHECK(parse_profile_options({"M", "--top_p", "1."}).scenario.sampling.top_p == 1.0F);
  CHECK(parse_profile_options({"M", "--temperature", "1e-3"}).scenario.sampling.temperature ==
        0.001F);
}

TEST_CASE("an unknown option is refused with the nearest known name") {
  CHECK(error_of({"M", "--concurency", "1"}) ==
        "unknown option '--concurency'; did you mean '--concurrency'?");
  CHECK(has(error_of({"M", "--test_rounds=3"}), "did you mean '--test-round'?"));
  CHECK(error_of({"M", "--zzzzzzzzzzzz"}) == "unknown option '--zzzzzzzzzzzz'");
  CHECK(has(error_of({"M", "-x"}), "-x"));
}

TEST_CASE("unequal lists are refused") {
  CHECK(has(error_of({"M", "--prompt-tokens", "1", "2", "--completion-tokens", "3"}),
            "--prompt-tokens has 2 entries and --completion-tokens has 1"));
  CHECK(has(error_of({"M", "--prompt-tokens", "1"}), "--completion-tokens has 5"));
  CHECK(has(error_of({"M", "--set", "matrix.prompt_tokens=[1]"}), "they are paired"));
}

TEST_CASE("a bad value is refused in the name of its option") {
  const std::vector<Words> bad = {{"--concurrency", "0"},
                                  {"--concurrency", "-1"},
                                  {"--concurrency", "1.5"},
                                  {"--concurrency", "1", "x"},
                                  {"--concurrency", "99999999999999999999"},
                                  {"--concurrency", "70000"},
                                  {"--tp", "0"},
                                  {"--tp", "two"},
                                  {"--top_k", "-1"},
                                  {"--top_k", "1.5"},
                                  {"--top_p", "0"},
                                  {"--top_p", "nan"},
                                  {"--top_p", "1.1"},
                                  {"--top_p", "[1]"},
                                  {"--temperature", "inf"},
                                  {"--temperature", "hot"},
                                  {"--temperature", "1e999"},
                                  {"--log-level", "LOUD"},
                                  {"--test-round", "0"},
                                  {"--warmup-round", "-1"},
                                  {"--round-mode", "open"},
                                  {"--isolate", "all"},
                                  {"--seed", "-1"},
                                  {"--prompts", "other"},
                                  {"--case-timeout", "0"},
                                  {"--stall-timeout", "-inf"},
                                  {"--engine", ""},
                                  {"--seed", "18446744073709551616"}};
  for (Words words : bad) {
    const std::string flag = words[0];
    const std::string value = words[1];
    CAPTURE(flag);
    CAPTURE(value);
    words.insert(words.begin(), "M");
    std::string dashed = flag;
    for (std::size_t i = 2; i < dashed.size(); ++i) {
      if (dashed[i] == '_') dashed[i] = '-';
    }
    CHECK(error_of(words).starts_with(dashed + ": "));
  }
}

TEST_CASE("missing words are refused") {
  CHECK(error_of({}) != "");
  CHECK(error_of({""}) != "");
  CHECK(error_of({"M", "--tp"}) != "");
  CHECK(error_of({"M", "--concurrency"}) != "");
  CHECK(error_of({"M", "N"}) != "");
  CHECK(has(error_of({"M", "--set", "x"}), "key=value"));
  CHECK(has(error_of({"M", "--set", "a.b=1"}), "--set a.b: unknown key 'a.b'"));
}

TEST_CASE("the printed scenario gives the same cases") {
  const Scenario s = parse_profile_options({"M", "--tp", "2", "--concurrency", "4"}).scenario;
  CHECK(read_scenario(s.resolved_toml, "", {}) == s);
}

TEST_CASE("help is asked for in both ways, and names every option") {
  CHECK(parse_profile_options({"--help"}).help);
  CHECK(parse_profile_options({"-h"}).help);
  const std::string help = cli::profile_help();
  for (const char* flag : {"MODEL_PATH", "--concurrency", "--prompt-tokens", "--completion-tokens",
                           "--tp",       "--top-k",       "--top-p",         "--temperature",
                           "--csv",      "--log-level",   "--test-round",    "--warmup-round",
                           "--engine",   "--set",         "--round-mode",    "--isolate",
                           "--seed",     "--prompts",     "--case-timeout",  "--stall-timeout",
                           "--out",      "--dry-run",     "--strict",        "--print-scenario"}) {
    CAPTURE(flag);
    CHECK(has(help, flag));
  }
}
