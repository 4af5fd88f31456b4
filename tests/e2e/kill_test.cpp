// Nothing is lost: lmbench and its worker are killed at random points, and the rows are counted.
// The seed is fixed; where a kill strikes still depends on the machine, which is the point.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "workplace.hpp"

using lmbench::test::csv_cells;
using lmbench::test::Finished;
using lmbench::test::read_file;
using lmbench::test::RunAs;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Words = std::vector<std::string>;

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSeed = 20260102;

// Twelve cases, of which the sim engine crashes in the four of concurrency 3.
constexpr int kCases = 12;
constexpr const char* kScenario =
    "[engine]\nplugin = \"sim\"\n[engine.options]\nstep_us = 1000.0\nfault = \"crash\"\n"
    "fault_concurrency = 3\n[matrix]\nconcurrency = [1, 3, 2]\nprompt_tokens = [4, 5, 6, 7]\n"
    "completion_tokens = [8, 8, 8, 8]\n[measure]\nwarmup_rounds = 0\ntest_rounds = 2\n";

// The lines of results.csv by case, without one that was cut in writing. No cell of sim's rows has a
// line end in it.
std::map<std::string, std::string> whole_lines(const Workplace& place) {
  std::string text = read_file(place.path() / "out" / "results.csv");
  text.erase(text.rfind('\n') + 1);
  std::map<std::string, std::string> lines;
  std::istringstream in(text);
  std::string line;
  if (!std::getline(in, line)) return lines;
  const Words names = csv_cells(line + "\n").front();
  const auto column = std::find(names.begin(), names.end(), "case_id") - names.begin();
  while (std::getline(in, line)) {
    const Words cells = csv_cells(line + "\n").front();
    REQUIRE(cells.size() == names.size());
    const bool is_new = lines.emplace(cells[static_cast<std::size_t>(column)], line).second;
    REQUIRE_MESSAGE(is_new, "two rows of one case: ", line);
  }
  return lines;
}

bool is_finished(const std::string& line) { return line.find(",ok,") != std::string::npos; }

// Processes that stand in the folder, as workers do.
std::vector<int> processes_in(const fs::path& folder) {
  std::vector<int> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::error_code error;
    const fs::path current = fs::read_symlink(entry.path() / "cwd", error);
    if (!error && current == folder) found.push_back(std::stoi(entry.path().filename().string()));
  }
  return found;
}

bool is_deserted(const fs::path& folder) {
  for (int i = 0; i < 200; ++i) {
    if (processes_in(folder).empty()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

// lmbench, killed after that time if it still runs.
Finished lmbench_killed_after(const Workplace& place, milliseconds delay) {
  const bool exists = fs::exists(place.path() / "out");
  RunAs as;
  as.watch = [until = steady_clock::now() + delay](int pid, const Finished&) {
    if (steady_clock::now() >= until) ::kill(pid, SIGKILL);
  };
  return place.lmbench({"run", "k.toml", exists ? "--resume" : "--out", "out", "--csv", "l.csv"},
                       as);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

void check_journal(const Workplace& place) {
  std::istringstream in(read_file(place.path() / "out" / "journal.jsonl"));
  for (std::string line; std::getline(in, line);) REQUIRE(nlohmann::json::accept(line));
}

// The child of lmbench that measures; 0 while there is none.
int worker_of(int lmbench) {
  const std::string pid = std::to_string(lmbench);
  std::istringstream children(read_file("/proc/" + pid + "/task/" + pid + "/children"));
  int worker = 0;
  children >> worker;
  return worker;
}

}  // namespace

TEST_CASE(
    "kill -9 at any moment loses no case, doubles none and leaves finished rows as they are") {
  constexpr int kKills = 40;
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<int> delay_ms(0, 200);
  int kills = 0;
  int runs = 0;
  for (; kills < kKills; ++runs) {
    const Workplace place;
    place.write("k.toml", kScenario);
    std::map<std::string, std::string> finished;
    while (true) {
      const bool is_last = kills == kKills;
      const auto end = lmbench_killed_after(
          place, is_last ? milliseconds(60'000) : milliseconds(delay_ms(random)));
      INFO("run ", runs, " after ", kills, " kills: ", end.err);
      REQUIRE((end.exit_code == -SIGKILL || end.exit_code == 1));
      const auto lines = whole_lines(place);
      for (const auto& [id, line] : finished) REQUIRE(lines.at(id) == line);
      for (const auto& [id, line] : lines) {
        if (is_finished(line)) finished[id] = line;
      }
      if (end.exit_code == 1) break;
      ++kills;
      REQUIRE(is_deserted(place.path()));
    }
    check_journal(place);
    Words statuses = place.statuses();
    REQUIRE(statuses.size() == kCases);
    CHECK(std::count(statuses.begin(), statuses.end(), "ok") == 8);
    CHECK(std::count(statuses.begin(), statuses.end(), "crash") == 4);
    const std::string legacy = read_file(place.path() / "l.csv");
    CHECK(std::count(legacy.begin(), legacy.end(), '\n') == kCases + 1);
    CHECK(legacy.find("\r\n1,7,8,") < legacy.find("\r\n3,4,8,,"));
    CHECK(legacy.find("\r\n3,7,8,,") < legacy.find("\r\n2,4,8,"));
  }
  MESSAGE(kills << " kills of lmbench in " << runs << " runs of " << kCases
                << " cases: no row lost, doubled or changed");
}

TEST_CASE("kill -9 of the worker costs the row of its case and no other") {
  constexpr int kMostKills = 6;
  const Workplace place;
  place.write("k.toml", small_scenario("sim", 24, "step_us = 2000.0\n"));
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<int> pause_ms(0, 150);
  int kills = 0;
  std::size_t ended_ok = 0;                     // cases, when it was last looked
  auto next = steady_clock::time_point::max();  // set when a case has ended since the last kill
  RunAs as;
  as.watch = [&](int pid, const Finished& so_far) {
    const std::size_t now_ok = count(so_far.err, " ok, ");
    if (next == steady_clock::time_point::max() && now_ok > ended_ok) {
      next = steady_clock::now() + milliseconds(pause_ms(random));
    }
    ended_ok = now_ok;
    if (steady_clock::now() < next || kills == kMostKills) return;
    const int worker = worker_of(pid);
    if (worker == 0 || ::kill(worker, SIGKILL) != 0) return;
    ++kills;
    next = steady_clock::time_point::max();
  };
  const auto finished = place.lmbench({"run", "k.toml", "--out", "out"}, as);
  INFO(finished.err);
  int crashes = 0;
  REQUIRE(place.results().size() == 24);
  for (const auto& row : place.results()) {
    if (row.at("status") == "ok") continue;
    CHECK(row.at("status") == "crash");
    CHECK(row.at("reason").find("SIGKILL (Killed)") != std::string::npos);
    ++crashes;
  }
  CHECK(kills == kMostKills);
  CHECK(crashes >= 1);
  CHECK(crashes <= kills);  // one that strikes between two cases costs nothing
  CHECK(is_deserted(place.path()));
  MESSAGE(kills << " kills of the worker, " << crashes << " rows of 24 are crash");
}

TEST_CASE("SIGTERM and a closed terminal end a run as Ctrl-C does") {
  for (const int number : {SIGTERM, SIGHUP}) {
    const Workplace place;
    place.write("k.toml", small_scenario("sim", 3, "step_us = 10000.0\n"));
    RunAs as;
    as.watch = [&, sent = false](int pid, const Finished& so_far) mutable {
      if (sent || so_far.err.find("[2/3] 02-b2-p5-r8 begins") == std::string::npos) return;
      sent = ::kill(pid, number) == 0;
    };
    CHECK(place.lmbench({"run", "k.toml", "--out", "out"}, as).exit_code == 1);
    CHECK(place.statuses() == Words{"ok", "interrupted", "interrupted"});
    CHECK(is_deserted(place.path()));
  }
}

TEST_CASE("a reader of the table that goes away does not end the run") {
  const Workplace place;
  place.write("k.toml", small_scenario("sim", 3, "step_us = 1000.0\n"));
  RunAs as;
  as.through = {"/bin/sh", "-c", "\"$@\" 2>&1 | head -n 1", "sh"};
  place.lmbench({"run", "k.toml", "--out", "out"}, as);
  CHECK(place.statuses() == Words{"ok", "ok", "ok"});
}

TEST_CASE("under nohup a closed terminal ends nothing") {
  const Workplace place;
  place.write("k.toml", small_scenario("sim", 2, "step_us = 5000.0\n"));
  RunAs as;
  as.through = {"/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh"};
  as.watch = [sent = false](int pid, const Finished& so_far) mutable {
    if (sent || so_far.err.find(" begins") == std::string::npos) return;
    sent = ::kill(pid, SIGHUP) == 0;
  };
  CHECK(place.lmbench({"run", "k.toml", "--out", "out"}, as).exit_code == 0);
  CHECK(place.statuses() == Words{"ok", "ok"});
}
