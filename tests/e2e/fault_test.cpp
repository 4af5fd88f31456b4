// An engine that fails costs its case and nothing else.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>

#include "workplace.hpp"

using lmbench::test::CsvRow;
using lmbench::test::Finished;
using lmbench::test::read_file;
using lmbench::test::RunAs;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;
using Statuses = std::vector<std::string>;

namespace {

// Three cases of 1, 4 and 2 concurrent requests, of which the sim engine spoils the second.
std::string spoiled(const std::string& fault, const std::string& measure = "") {
  return "[scenario]\nname = \"spoiled\"\n[engine]\nplugin = \"sim\"\n[engine.options]\nfault = "
         "\"" +
         fault + "\"\nfault_concurrency = 4\n[matrix]\nconcurrency = [1, 4, 2]\n" +
         "prompt_tokens = [4]\ncompletion_tokens = [8]\n[measure]\nwarmup_rounds = 0\n" +
         "test_rounds = 2\n" + measure;
}

struct Run {
  Finished finished;
  Statuses statuses;
  std::vector<CsvRow> rows;
};

Run run_spoiled(const std::string& scenario) {
  const Workplace place;
  place.write("spoiled.toml", scenario);
  Run run;
  run.finished = place.lmbench({"run", "spoiled.toml", "--out", "out", "--csv", "legacy.csv"});
  run.statuses = place.statuses();
  run.rows = place.results();
  // The 12 columns keep a row for every case, with nothing behind the shape of a failed one.
  const std::string legacy = read_file(place.path() / "legacy.csv");
  CHECK(std::count(legacy.begin(), legacy.end(), '\n') == 4);
  CHECK(legacy.find("\r\n4,4,8,,,,,,,,,\r\n") != std::string::npos);
  return run;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a crash is the row of its case, with the signal, and the next case runs") {
  const Run run = run_spoiled(spoiled("crash"));
  INFO(run.finished.err);
  CHECK(run.finished.exit_code == 1);
  CHECK(run.statuses == Statuses{"ok", "crash", "ok"});
  CHECK(contains(run.rows[1].at("reason"), "SIG"));
  CHECK(run.rows[1].at("throughput(out tok/s)").empty());
}

TEST_CASE("an engine that stops bringing tokens hangs, and is ended after the stall limit") {
  const Run run = run_spoiled(spoiled("hang", "stall_timeout_s = 1.0\n"));
  INFO(run.finished.err);
  CHECK(run.finished.exit_code == 1);
  CHECK(run.statuses == Statuses{"ok", "hang", "ok"});
  CHECK(contains(run.rows[1].at("reason"), "1 s"));
}

TEST_CASE("an engine whose load is refused runs nothing and says why once") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 3, "fault = \"oom\"\nfault_at = \"load\"\n"));
  CHECK(place.lmbench({"run", "small.toml", "--out", "out"}).exit_code == 3);
  CHECK(place.statuses() == Statuses{"oom", "skipped", "skipped"});
  CHECK(contains(place.results()[1].at("reason"), "01-b2-p4-r8"));
}

TEST_CASE("a load that dies is tried once more, then the rest shares its fate") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 3, "fault = \"abort\"\nfault_at = \"load\"\n"));
  CHECK(place.lmbench({"run", "small.toml", "--out", "out"}).exit_code == 3);
  CHECK(place.statuses() == Statuses{"crash", "crash", "skipped"});
  CHECK(contains(place.results()[0].at("reason"), "SIGABRT"));
}

TEST_CASE("an engine that does not let itself be destroyed does not change the results") {
  const Workplace place;
  place.write("small.toml",
              small_scenario("sim", 1, "fault = \"abort\"\nfault_at = \"teardown\"\n"));
  CHECK(place.lmbench({"run", "small.toml", "--out", "out"}).exit_code == 0);
  CHECK(place.statuses() == Statuses{"ok"});
}

TEST_CASE("Ctrl-C ends the running case, keeps what is done and writes a row for all") {
  const Workplace place;
  place.write("slow.toml", small_scenario("sim", 3, "step_us = 20000.0\n", ""));
  RunAs as;
  bool sent = false;
  as.watch = [&](int pid, const Finished&) {
    const std::string journal = read_file(place.path() / "out" / "journal.jsonl");
    if (sent || !contains(journal, "\"case_id\":\"02-")) return;
    sent = true;
    ::kill(pid, SIGINT);
  };
  const auto finished = place.lmbench({"run", "slow.toml", "--out", "out"}, as);
  INFO(finished.err);
  CHECK(sent);
  CHECK(finished.exit_code == 1);
  CHECK(place.statuses() == Statuses{"ok", "interrupted", "interrupted"});
  CHECK(place.results()[1].at("reason") == "running");
  CHECK(place.results()[2].at("reason") == "not_started");
  CHECK(std::filesystem::exists(place.path() / "out" / "manifest.json"));
}
