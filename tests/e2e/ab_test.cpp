// Whole A/B sessions of real processes. The differences are large (factors of 4 and 8) and so is what
// counts as one: where other tests use the same cores, the verdict must not be a matter of luck. How sure it is of small ones is the matter
// of the test `calibration`.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <set>

#include "workplace.hpp"

using lmbench::test::csv_table;
using lmbench::test::CsvRow;
using lmbench::test::read_file;
using lmbench::test::RunAs;
using lmbench::test::Workplace;

namespace {

std::string scenario(const std::string& candidate, const std::string& more = "") {
  return "[scenario]\nname = \"ab\"\n[engine]\nplugin = \"sim\"\n[engine.options]\nstep_us = "
         "4000.0\n[matrix]\nconcurrency = [1]\nprompt_tokens = [4, 5]\ncompletion_tokens = [4, "
         "4]\n[measure]\nwarmup_rounds = 1\ntest_rounds = 3\n[ab]\nrounds = 6\nseed = "
         "1\nmin_effect_percent = 20.0\ndetect_percent = 50.0\n" +
         more + "[[variant]]\nname = \"base\"\n[[variant]]\nname = \"new\"\n" + candidate;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::set<std::string> verdicts(const Workplace& place) {
  std::set<std::string> found;
  for (const CsvRow& row : csv_table(read_file(place.path() / "out" / "comparison.csv"))) {
    if (row.at("kind") == "gate") found.insert(row.at("verdict"));
  }
  return found;
}

}  // namespace

TEST_CASE("a slower candidate is called so in every case, and the exit code says no") {
  const Workplace place;
  place.write("ab.toml", scenario("options.step_us = 16000.0\n"));
  const auto finished = place.lmbench({"ab", "ab.toml", "--out", "out"});
  INFO(finished.err);
  INFO(finished.out);
  CHECK(finished.exit_code == 1);
  CHECK(verdicts(place) == std::set<std::string>{"SLOWER"});
  CHECK(contains(finished.out, "SLOWER"));
  CHECK(contains(read_file(place.path() / "out" / "comparison.md"), "| SLOWER |"));
  // A row for each launch and case: 6 rounds, 3 arms, 2 cases.
  const auto rows = place.results();
  CHECK(rows.size() == 36);
  std::set<std::string> prompts;
  std::set<std::string> places;
  for (const CsvRow& row : rows) {
    CHECK(row.at("status") == "ok");
    if (row.at("variant") == "new") places.insert(row.at("ab_place"));
    prompts.insert(row.at("ab_round") + row.at("case_id") + row.at("prompts_sha256"));
  }
  CHECK(places == std::set<std::string>{"0", "1", "2"});
  CHECK(prompts.size() == 12);  // the same for all arms of a round, new ones in the next
  const auto manifest = nlohmann::json::parse(read_file(place.path() / "out" / "manifest.json"));
  CHECK(manifest.at("arms").size() == 3);
  CHECK(manifest.at("arms").at(1).at("path") != manifest.at("arms").at(0).at("path"));
}

TEST_CASE("a faster candidate is no failure") {
  const Workplace place;
  place.write("ab.toml", scenario("options.step_us = 500.0\n"));
  const auto finished = place.lmbench({"ab", "ab.toml", "--out", "out"});
  INFO(finished.out);
  CHECK(finished.exit_code == 0);
  CHECK(verdicts(place) == std::set<std::string>{"FASTER"});
}

TEST_CASE("equal builds are refused, unless noise is what is asked for") {
  const Workplace place;
  place.write("ab.toml", scenario(""));
  const auto refused = place.lmbench({"ab", "ab.toml", "--out", "refused"});
  CHECK(refused.exit_code == 2);
  CHECK(contains(refused.err, "'new' is the same build as 'base'"));
  const auto finished = place.lmbench({"ab", "ab.toml", "--out", "out", "--aa"});
  INFO(finished.out);
  CHECK(finished.exit_code != 2);
  CHECK(verdicts(place).count("SLOWER") + verdicts(place).count("FASTER") == 0);
  CHECK(contains(finished.out, "this measures the noise"));
}

TEST_CASE("workers that stay alive give a verdict that is never clear") {
  const Workplace place;
  place.write("ab.toml", scenario("options.step_us = 16000.0\n"));
  const auto finished = place.lmbench({"ab", "ab.toml", "--out", "out", "--resident"});
  INFO(finished.err);
  CHECK(finished.exit_code == 4);
  CHECK(verdicts(place) == std::set<std::string>{"SLOWER"});
  CHECK(contains(finished.out, "workers that stay alive"));
}

TEST_CASE("engines that memory cannot hold at once are loaded in turns, and the session says so") {
  const Workplace place;
  place.write("ab.toml", scenario("options.step_us = 16000.0\n"));
  const auto finished = place.lmbench({"ab", "ab.toml", "--out", "out", "--resident", "--set",
                                       "engine.options.device_file=device"});
  INFO(finished.err);
  CHECK(finished.exit_code == 1);
  CHECK(verdicts(place) == std::set<std::string>{"SLOWER"});
  CHECK(contains(finished.out, "Warning: memory cannot hold all engines at once"));
  CHECK(contains(finished.out, "each build in a fresh process"));
  const auto json = nlohmann::json::parse(read_file(place.path() / "out" / "comparison.json"));
  CHECK(json.at("mode") == "fresh");
  CHECK(json.at("warnings").size() == 1);
  const auto manifest = nlohmann::json::parse(read_file(place.path() / "out" / "manifest.json"));
  CHECK(manifest.at("arms").size() == 3);
}

TEST_CASE("a candidate that dies in its pilot ends the session with its reason") {
  const Workplace place;
  place.write("ab.toml", scenario("options.fault = \"crash\"\n"));
  const auto finished = place.lmbench({"ab", "ab.toml", "--out", "out"});
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.err, "the pilot of 'new' failed"));
  CHECK(contains(finished.err, "SIGSEGV"));
}

TEST_CASE("a session without two builds says how to name them") {
  const Workplace place;
  place.write("plain.toml", lmbench::test::small_scenario("sim", 1));
  const auto finished = place.lmbench({"ab", "plain.toml", "--out", "out"});
  CHECK(finished.exit_code == 2);
  CHECK(contains(finished.err, "--base and --candidate"));
}

TEST_CASE("a session that is interrupted has no verdict") {
  const Workplace place;
  place.write("ab.toml", scenario("options.step_us = 16000.0\n", "max_rounds = 6\n"));
  RunAs as;
  bool is_sent = false;
  as.watch = [&](int pid, const lmbench::test::Finished& so_far) {
    if (is_sent || !contains(so_far.err, "round 1 of 6")) return;
    is_sent = true;
    ::kill(pid, SIGINT);
  };
  const auto finished = place.lmbench({"ab", "ab.toml", "--out", "out"}, as);
  CHECK(is_sent);
  CHECK(finished.exit_code == 1);
  CHECK(contains(finished.err, "interrupted"));
  CHECK_FALSE(std::filesystem::exists(place.path() / "out" / "comparison.csv"));
}
