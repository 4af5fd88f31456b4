// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include "error.hpp"

using namespace lmbench::cli;
using Words = std::vector<std::string>;

namespace {

template <class T>
T parse(const Words& words) {
  return std::get<T>(parse_command_line(words));
}

}  // namespace

TEST_CASE("run takes settings again and again, in order, and lists in one word") {
  const auto run = parse<RunArguments>({"run", "x.toml", "--set", "matrix.concurrency=[1,4]",
                                        "--set", "engine.options.tp=2", "--csv", "a.csv"});
  CHECK(run.scenario == "x.toml");
  CHECK(run.settings == Words{"matrix.concurrency=[1,4]", "engine.options.tp=2"});
  CHECK(run.csv == "a.csv");
  CHECK_FALSE(run.out);
  CHECK_FALSE(run.is_dry_run);
}

TEST_CASE("the scenario may stand behind the options") {
  const auto run = parse<RunArguments>({"run", "--set", "a=1", "--dry-run", "--strict", "x.toml"});
  CHECK(run.scenario == "x.toml");
  CHECK(run.is_dry_run);
  CHECK(run.strict);
}

TEST_CASE("a run that goes on has no folder of its own, and repeats no more than it is told") {
  const auto run = parse<RunArguments>({"run", "x.toml", "--resume", "out", "--retry", "all"});
  CHECK(run.resume == "out");
  CHECK(run.retry == "all");
  CHECK_FALSE(parse<RunArguments>({"run", "x.toml", "--resume", "out"}).retry);
  for (const Words& refused : {Words{"run", "x.toml", "--resume", "out", "--out", "new"},
                               Words{"run", "x.toml", "--resume", "out", "--dry-run"},
                               Words{"run", "x.toml", "--resume", "out", "--retry", "some"},
                               Words{"run", "x.toml", "--retry", "all"}}) {
    CHECK_THROWS_AS(parse_command_line(refused), lmbench::Error);
  }
}

TEST_CASE("rerun takes a results folder and a place for the new one") {
  const auto rerun = parse<RerunArguments>({"rerun", "results/x", "--out", "again"});
  CHECK(rerun.results == "results/x");
  CHECK(rerun.out == "again");
  CHECK_THROWS_AS(parse_command_line({"rerun"}), lmbench::Error);
}

TEST_CASE("profile's words are passed on untouched") {
  const auto profile = parse<ProfileArguments>({"profile", "m", "--top_k", "1", "--help"});
  CHECK(profile.words == Words{"m", "--top_k", "1", "--help"});
}

TEST_CASE("generate reads comma-separated ids") {
  const auto generate = parse<GenerateArguments>(
      {"generate", "--engine", "sim", "--prompt-tokens", "1,80,429", "--max-new-tokens", "5"});
  CHECK(generate.prompt_tokens == std::vector<std::int32_t>{1, 80, 429});
  CHECK(generate.max_new_tokens == 5);
  CHECK(generate.scenario.empty());
}

TEST_CASE("ids, counts and files that cannot be are refused") {
  CHECK_THROWS_AS(parse_command_line({"generate", "--prompt-tokens", "1,x"}), lmbench::Error);
  CHECK_THROWS_AS(parse_command_line({"generate", "--prompt-tokens", "99999999999"}),
                  lmbench::Error);
  CHECK_THROWS_AS(parse_command_line({"generate", "--prompt-tokens", "1", "--max-new-tokens", "0"}),
                  lmbench::Error);
  CHECK_THROWS_AS(parse_command_line({"convert", "llama"}), lmbench::Error);
  CHECK_THROWS_AS(parse_command_line({"run"}), lmbench::Error);
  CHECK_THROWS_AS(parse_command_line({"run", "x.toml", "--unknown"}), lmbench::Error);
  CHECK_THROWS_AS(parse_command_line({"walk"}), lmbench::Error);
  CHECK_THROWS_AS(parse_command_line({}), lmbench::Error);
}

TEST_CASE("convert takes the arguments of the original with dashes or underscores") {
  const auto convert = parse<ConvertArguments>(
      {"convert", "internlm", "path", "--dst_path", "out", "--tp", "4", "--model-format", "hf"});
  CHECK(convert.model_name == "internlm");
  CHECK(convert.model_path == "path");
  CHECK(convert.destination == "out");
  CHECK(convert.tp == 4);
  CHECK(convert.model_format == "hf");
}

TEST_CASE("help and version are texts, and hidden commands are not in the help") {
  const std::string help = parse<TextToPrint>({"--help"}).text;
  CHECK(help.find("convert") != std::string::npos);
  CHECK(help.find("Exit codes") != std::string::npos);
  CHECK(help.find("worker --fd") == std::string::npos);
  CHECK(help.find("describe-plugin") == std::string::npos);
  CHECK(parse<TextToPrint>({"run", "--help"}).text.find("--in-process") != std::string::npos);
  CHECK(parse<TextToPrint>({"--version"}).text.substr(0, 8) == "lmbench ");
}
