// lmbench run --resume: what is missing is run, what failed is repeated, what is done stays.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "workplace.hpp"

using lmbench::test::CsvRow;
using lmbench::test::Finished;
using lmbench::test::read_file;
using lmbench::test::RunAs;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;
using Words = std::vector<std::string>;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Lines of results.csv by case; sim's rows have no line end inside a cell.
std::map<std::string, std::string> lines_by_case(const Workplace& place) {
  std::map<std::string, std::string> lines;
  std::istringstream in(read_file(place.path() / "out" / "results.csv"));
  std::string line;
  std::getline(in, line);
  const auto rows = place.results();
  for (std::size_t i = 0; std::getline(in, line); ++i) lines[rows[i].at("case_id")] = line;
  return lines;
}

// Four cases, of which the third crashes the sim engine.
std::string one_crash() {
  return "[engine]\nplugin = \"sim\"\n[engine.options]\nfault = \"crash\"\nfault_concurrency = 4\n"
         "[matrix]\nconcurrency = [1, 4]\nprompt_tokens = [4, 5]\ncompletion_tokens = [8, 8]\n"
         "[measure]\nwarmup_rounds = 0\ntest_rounds = 2\n";
}

// Sends a signal when the case at this place of the plan has begun.
RunAs signal_at(const Workplace& place, const std::string& case_number, int number) {
  RunAs as;
  as.watch = [&place, case_number, number, sent = false](int pid, const Finished&) mutable {
    const std::string journal = read_file(place.path() / "out" / "journal.jsonl");
    if (sent || !contains(journal, "\"begin\",\"case_id\":\"" + case_number)) return;
    sent = ::kill(pid, number) == 0;
  };
  return as;
}

nlohmann::json manifest_of(const Workplace& place) {
  return nlohmann::json::parse(read_file(place.path() / "out" / "manifest.json"));
}

}  // namespace

TEST_CASE("a run that was killed goes on with the case that it was at") {
  const Workplace place;
  place.write("slow.toml", small_scenario("sim", 4, "step_us = 10000.0\n"));
  const Words first{"run", "slow.toml", "--out", "out", "--csv", "legacy.csv"};
  CHECK(place.lmbench(first, signal_at(place, "03", SIGKILL)).exit_code == -SIGKILL);
  REQUIRE(place.results().size() == 2);
  const auto before = lines_by_case(place);
  const auto finished =
      place.lmbench({"run", "slow.toml", "--resume", "out", "--csv", "legacy.csv"});
  INFO(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(contains(finished.err, "2 cases done, 2 to run"));
  const auto after = lines_by_case(place);
  REQUIRE(after.size() == 4);
  CHECK(place.results().size() == 4);
  for (const auto& [id, line] : before) CHECK(after.at(id) == line);
  CHECK(contains(read_file(place.path() / "out" / "journal.jsonl"), ",interrupted,running,"));
  const std::string legacy = read_file(place.path() / "legacy.csv");
  CHECK(std::count(legacy.begin(), legacy.end(), '\n') == 5);
}

TEST_CASE("after Ctrl-C the interrupted rows are repeated, and the table has the plan's order") {
  const Workplace place;
  place.write("slow.toml", small_scenario("sim", 3, "step_us = 10000.0\n"));
  place.lmbench({"run", "slow.toml", "--out", "out"}, signal_at(place, "02", SIGINT));
  CHECK(place.statuses() == Words{"ok", "interrupted", "interrupted"});
  const auto finished = place.lmbench({"run", "slow.toml", "--resume", "out"});
  CHECK(finished.exit_code == 0);
  CHECK(place.statuses() == Words{"ok", "ok", "ok"});
  const std::string table = finished.out.substr(finished.out.find("\ncase "));
  CHECK(table.find("01-b2") < table.find("02-b2"));
  CHECK(table.find("02-b2") < table.find("03-b2"));
  const auto manifest = manifest_of(place);
  CHECK(manifest["cases"].size() == 3);
  REQUIRE(manifest["resumes"].size() == 1);
  CHECK(manifest["resumes"][0]["command_line"][3] == "--resume");
  CHECK(manifest["resumes"][0]["ended_utc"].is_string());
  CHECK(manifest["command_line"][3] == "--out");
}

TEST_CASE("a failed case is repeated once and a finished one is not") {
  const Workplace place;
  place.write("crash.toml", one_crash());
  CHECK(place.lmbench({"run", "crash.toml", "--out", "out"}).exit_code == 1);
  CHECK(place.statuses() == Words{"ok", "ok", "crash", "crash"});
  const auto before = lines_by_case(place);
  const auto finished =
      place.lmbench({"run", "crash.toml", "--resume", "out", "--csv", "legacy.csv"});
  CHECK(finished.exit_code == 1);
  CHECK(contains(finished.err, "2 cases done, 2 to run"));
  CHECK(place.statuses() == Words{"ok", "ok", "crash", "crash"});
  CHECK(lines_by_case(place).at("01-b1-p4-r8") == before.at("01-b1-p4-r8"));
  CHECK(
      contains(read_file(place.path() / "legacy.csv"), "\r\n4,4,8,,,,,,,,,\r\n4,5,8,,,,,,,,,\r\n"));
}

TEST_CASE("--retry all measures finished cases again and keeps the old rows in the journal") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 2));
  place.lmbench({"run", "small.toml", "--out", "out"});
  const auto before = lines_by_case(place);
  const auto finished = place.lmbench({"run", "small.toml", "--resume", "out", "--retry", "all"});
  CHECK(finished.exit_code == 0);
  CHECK(contains(finished.err, "0 cases done, 2 to run"));
  CHECK(place.statuses() == Words{"ok", "ok"});
  CHECK(contains(read_file(place.path() / "out" / "journal.jsonl"), before.at("01-b2-p4-r8")));
}

TEST_CASE("an engine that was built anew repeats its rows, in one sentence") {
  const Workplace place;
  const auto plugin = place.path() / "my.so";
  std::filesystem::copy_file(LMBENCH_BINARY_DIR "/plugins/sim.so", plugin);
  place.write("small.toml", small_scenario(plugin.string(), 2));
  REQUIRE(place.lmbench({"run", "small.toml", "--out", "out"}).exit_code == 0);
  const std::string old_hash = place.results()[0].at("config_hash");
  {
    std::ofstream(plugin, std::ios::app | std::ios::binary) << 'x';  // behind all that is loaded
  }
  const auto finished = place.lmbench({"run", "small.toml", "--resume", "out"});
  INFO(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(contains(finished.err,
                 "the engine's files have changed since (my.so): 2 finished cases "
                 "will be repeated\n"));
  CHECK(place.statuses() == Words{"ok", "ok"});
  CHECK(place.results()[0].at("config_hash") != old_hash);
  CHECK(contains(read_file(place.path() / "out" / "journal.jsonl"), old_hash));
}

TEST_CASE(
    "an engine that is built anew during a run spoils what comes after, and --resume mends it") {
  const Workplace place;
  const auto plugin = place.path() / "my.so";
  std::filesystem::copy_file(LMBENCH_BINARY_DIR "/plugins/sim.so", plugin);
  place.write("slow.toml",
              small_scenario(plugin.string(), 3, "step_us = 10000.0\n", "isolate = \"case\"\n"));
  RunAs as;
  as.watch = [&plugin, is_changed = false](int, const Finished& so_far) mutable {
    if (is_changed || !contains(so_far.err, " ok, ")) return;
    std::ofstream(plugin, std::ios::app | std::ios::binary) << 'x';
    is_changed = true;
  };
  CHECK(place.lmbench({"run", "slow.toml", "--out", "out"}, as).exit_code == 1);
  const auto rows = place.results();
  CHECK(rows.at(0).at("status") == "ok");
  CHECK(rows.at(2).at("status") == "invalid");  // the second worker may have been quicker than we
  CHECK(rows.at(2).at("reason") == "identity_changed");
  CHECK(place.lmbench({"run", "slow.toml", "--resume", "out"}).exit_code == 0);
  CHECK(place.statuses() == Words{"ok", "ok", "ok"});
  CHECK(place.results()[0].at("config_hash") != rows[0].at("config_hash"));
}

TEST_CASE("finished rows stay when the engine cannot be loaded any more") {
  const Workplace place;
  const auto plugin = place.path() / "my.so";
  std::filesystem::copy_file(LMBENCH_BINARY_DIR "/plugins/sim.so", plugin);
  place.write("slow.toml", small_scenario(plugin.string(), 3, "step_us = 10000.0\n"));
  place.lmbench({"run", "slow.toml", "--out", "out"}, signal_at(place, "02", SIGKILL));
  std::filesystem::remove(plugin);
  const auto finished = place.lmbench({"run", "slow.toml", "--resume", "out"});
  INFO(finished.err);
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.err, "not known whether it has changed"));
  CHECK(place.statuses() == Words{"ok", "bad_plugin", "skipped"});
  CHECK(place.lmbench({"run", "slow.toml", "--resume", "out", "--retry", "all"}).exit_code == 3);
  CHECK(place.statuses() == Words{"ok", "bad_plugin", "skipped"});
}

TEST_CASE(
    "Ctrl-C while the engine is loaded to go on gives the rest rows, and --resume can follow") {
  const Workplace place;
  place.write("slow.toml", small_scenario("sim", 2, "step_us = 10000.0\nload_ms = 400\n"));
  place.lmbench({"run", "slow.toml", "--out", "out"}, signal_at(place, "02", SIGKILL));
  const auto first = lines_by_case(place);
  RunAs as;
  as.watch = [sent = false](int pid, const Finished& so_far) mutable {
    // Its first line comes before anything is loaded.
    if (sent || !contains(so_far.err, "going on in")) return;
    sent = ::kill(pid, SIGINT) == 0;
  };
  CHECK(place.lmbench({"run", "slow.toml", "--resume", "out"}, as).exit_code == 1);
  CHECK(place.statuses() == Words{"ok", "interrupted"});
  CHECK(place.lmbench({"run", "slow.toml", "--resume", "out"}).exit_code == 0);
  CHECK(place.statuses() == Words{"ok", "ok"});
  CHECK(lines_by_case(place).at("01-b2-p4-r8") == first.at("01-b2-p4-r8"));
}

TEST_CASE("another scenario is refused with what differs, and nothing is touched") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 1));
  place.lmbench({"run", "small.toml", "--out", "out"});
  const std::string before = read_file(place.path() / "out" / "results.csv");
  const auto refused =
      place.lmbench({"run", "small.toml", "--resume", "out", "--set", "measure.test_rounds=20"});
  CHECK(refused.exit_code == 2);
  CHECK(contains(refused.err, "measure.test_rounds: 2 there, 20 here"));
  CHECK(read_file(place.path() / "out" / "results.csv") == before);
  const auto limits = place.lmbench({"run", "small.toml", "--resume", "out", "--csv", "new.csv",
                                     "--set", "measure.case_timeout_s=60"});
  CHECK(limits.exit_code == 0);
  CHECK(read_file(place.path() / "out" / "results.csv") == before);
}

TEST_CASE("a folder that a living lmbench writes is refused, to --resume and to --out") {
  const Workplace place;
  place.write("slow.toml", small_scenario("sim", 1, "step_us = 50000.0\n"));
  RunAs as;
  Finished second;
  Finished third;
  as.watch = [&](int, const Finished&) {
    const bool runs = contains(read_file(place.path() / "out" / "journal.jsonl"), "begin");
    if (second.exit_code != -1 || !runs) return;
    second = place.lmbench({"run", "slow.toml", "--resume", "out"});
    third = place.lmbench({"run", "slow.toml", "--out", "out"});
  };
  CHECK(place.lmbench({"run", "slow.toml", "--out", "out"}, as).exit_code == 0);
  CHECK(second.exit_code == 2);
  CHECK(contains(second.err, "another lmbench is writing the results folder"));
  CHECK(third.exit_code == 2);
  CHECK(contains(third.err, "is not empty"));
  CHECK(place.statuses() == Words{"ok"});
}

TEST_CASE("profile goes on too") {
  const Workplace place;
  Words words{"profile", "no-model", "--engine",        "sim", "--concurrency",       "1", "2",
              "--csv",   "p.csv",    "--prompt-tokens", "4",   "--completion-tokens", "8"};
  Words first = words;
  first.insert(first.end(), {"--out", "out", "--set", "engine.options.step_us=10000.0"});
  place.lmbench(first, signal_at(place, "02", SIGKILL));
  Words second = words;
  second.insert(second.end(), {"--resume", "out", "--set", "engine.options.step_us=10000.0"});
  CHECK(place.lmbench(second).exit_code == 0);
  CHECK(place.statuses() == Words{"ok", "ok"});
  words.insert(words.end(), {"--resume", "out"});
  CHECK(contains(place.lmbench(words).err, "engine.options.step_us: 10000.0 there, none here"));
}
