// What a user gets who asks for something that cannot be.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <regex>

#include "workplace.hpp"

using lmbench::test::small_scenario;
using lmbench::test::Workplace;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("help and version go to standard output with exit code 0") {
  const Workplace place;
  const auto help = place.lmbench({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(contains(help.out, "profile"));
  CHECK(help.err.empty());
  const auto version = place.lmbench({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(std::regex_match(version.out, std::regex(R"(lmbench 1\.\d+\.\d+ \(\S+\)\n)")));
  const auto profile = place.lmbench({"profile", "--help"});
  CHECK(profile.exit_code == 0);
  CHECK(contains(profile.out, "--completion-tokens"));
}

TEST_CASE("a wrong command line is exit code 2 and one sentence") {
  const Workplace place;
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"walk"},
                                                {"run"},
                                                {"run", "none.toml"},
                                                {"run", "x", "--fast"},
                                                {"profile"},
                                                {"profile", "m", "--concurency", "1"},
                                                {"convert", "llama", "nowhere"}}) {
    const auto finished = place.lmbench(words);
    INFO(finished.err);
    CHECK(finished.exit_code == 2);
    CHECK(finished.err.substr(0, 16) == "lmbench: error: ");
    CHECK(finished.out.empty());
  }
  CHECK(contains(place.lmbench({"profile", "m", "--concurency", "1"}).err, "--concurrency"));
}

TEST_CASE("an error in a scenario names file, line and column, and the key that was meant") {
  const Workplace place;
  place.write("bad.toml",
              "[scenario]\nname = \"x\"\n[engine]\nplugin = \"null\"\n[matrix]\n"
              "concurency = [1]\nprompt_tokens = [1]\ncompletion_tokens = [1]\n");
  const auto finished = place.lmbench({"run", "bad.toml"});
  INFO(finished.err);
  CHECK(finished.exit_code == 2);
  CHECK(contains(finished.err, "bad.toml:6:1"));
  CHECK(contains(finished.err, "concurrency"));
  CHECK_FALSE(std::filesystem::exists(place.path() / "results"));
}

TEST_CASE("lists of unequal length are a usage error") {
  const Workplace place;
  const auto finished = place.lmbench(
      {"profile", "m", "--prompt-tokens", "1", "2", "--completion-tokens", "1", "--csv", ""});
  CHECK(finished.exit_code == 2);
}

TEST_CASE("a results folder that holds something is not written to") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 1));
  CHECK(place.lmbench({"run", "small.toml", "--out", "."}).exit_code == 2);
}

TEST_CASE("a file that is not a plugin is exit code 3 and still one row per case") {
  const Workplace place;
  place.write("text.so", "this is no library");
  place.write("small.toml", small_scenario("./text.so", 3));
  const auto finished = place.lmbench({"run", "small.toml", "--out", "out"});
  INFO(finished.err);
  CHECK(finished.exit_code == 3);
  CHECK(place.statuses() == std::vector<std::string>{"bad_plugin", "skipped", "skipped"});
}

TEST_CASE("a plugin that is not there is exit code 3 and is named") {
  const Workplace place;
  place.write("small.toml", small_scenario("no_such_engine", 1));
  const auto finished = place.lmbench({"run", "small.toml", "--out", "out"});
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.out + finished.err, "no_such_engine"));
}

TEST_CASE("an engine option that the plugin does not know is exit code 3") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 2, "step_uss = 1.0\n"));
  const auto finished = place.lmbench({"run", "small.toml", "--out", "out"});
  CHECK(finished.exit_code == 3);
  CHECK(place.statuses() == std::vector<std::string>{"load_failed", "skipped"});
  CHECK(contains(place.results()[0].at("reason"), "step_uss"));
}
