// Each fault that the sim engine knows, at each place where it can strike: what its case becomes,
// and that no other case suffers. Prints the table.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <cstdio>

#include "workplace.hpp"

using lmbench::test::CsvRow;
using lmbench::test::Finished;
using lmbench::test::Workplace;

namespace {

constexpr std::array<const char*, 4> kPlaces = {"load", "first_token", "mid_decode", "teardown"};

// What the rows of three cases say. A fault while running strikes the second one alone; one at load
// strikes all, so that nothing is measured; one at teardown comes when all rows are written.
constexpr const char* kSound = "ok";
constexpr const char* kCannotHappen = "";

struct Expected {
  const char* fault;
  const char* at_load;        // status of the first case
  const char* while_running;  // status of the struck case
  const char* reason;         // a part of the running case's reason
  bool at_teardown;
};

constexpr std::array<Expected, 17> kExpected = {{
    {"none", kSound, kSound, "", true},
    {"short_output", kCannotHappen, "short_output", "tokens", false},
    {"oom", "oom", "oom", "out_of_memory", false},
    {"refuse", "unsupported", "unsupported", "the scripted fault refuse", false},
    {"wrong_count", kCannotHappen, "invalid", "token_count", false},
    {"foreign_token", kCannotHappen, "invalid", "token_ids", false},
    {"cached_prompt", kCannotHappen, "invalid", "cached_prompts", false},
    {"double_terminal", kCannotHappen, "bad_plugin", "already ended", false},
    {"unknown_request", kCannotHappen, "bad_plugin", "not in flight", false},
    {"device_error", "load_failed", "crash", "device_error", false},
    {"hang", "hang", "hang", "no progress for 0.5 s", true},
    {"slow", kCannotHappen, "timeout", "not done within 1 s", false},
    {"crash", "crash", "crash", "SIGSEGV", true},
    {"abort", "crash", "crash", "SIGABRT", true},
    {"exit", "crash", "crash", "exit code 3", true},
    {"bad_alloc", "oom", "oom", "std::bad_alloc", true},
    {"throw_in_submit", kCannotHappen, "crash", "SIGABRT", false},
}};

std::string scenario(const std::string& fault, const std::string& place) {
  return "[scenario]\nname = \"faults\"\n[engine]\nplugin = \"sim\"\n[engine.options]\nfault = \"" +
         fault + "\"\nfault_at = \"" + place + "\"\nfault_concurrency = 4\n" +
         "[matrix]\nconcurrency = [1, 4, 2]\nprompt_tokens = [4]\ncompletion_tokens = [12]\n" +
         "[measure]\nwarmup_rounds = 0\ntest_rounds = 2\nstall_timeout_s = 0.5\n" +
         "load_stall_timeout_s = 0.5\ncase_timeout_s = 1.0\n";
}

struct Run {
  Finished finished;
  std::vector<CsvRow> rows;

  std::string statuses() const {
    std::string text;
    for (const CsvRow& row : rows) text += (text.empty() ? "" : ", ") + row.at("status");
    return text;
  }
};

Run run(const Expected& expected, const char* place) {
  const Workplace folder;
  folder.write("faults.toml", scenario(expected.fault, place));
  Run result;
  result.finished = folder.lmbench({"run", "faults.toml", "--out", "out"});
  result.rows = folder.results();
  return result;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Whether the engine says that there is no such fault at such a place.
bool is_refused(const Run& run) {
  return contains(run.rows[0].at("reason"), "cannot happen at this 'fault_at'");
}

void print_line(const Expected& expected, const char* place, const Run& run) {
  const bool is_load = place == std::string("load");
  const std::string reason = run.rows[is_load ? 0 : 1].at("reason").substr(0, 64);
  std::printf("| %-15s | %-11s | %-28s | %d | %s |\n", expected.fault, place,
              is_refused(run) ? "cannot happen" : run.statuses().c_str(), run.finished.exit_code,
              is_refused(run) ? "" : reason.c_str());
}

void check_at_load(const Expected& expected, const Run& run) {
  const bool is_sound = expected.at_load == std::string(kSound);
  CHECK(run.finished.exit_code == (is_sound ? 0 : 3));
  CHECK(run.rows[0].at("status") == expected.at_load);
  // A load that died or hung is tried once more: it may have been an accident.
  const std::string second = run.rows[1].at("status");
  CHECK((second == expected.at_load || second == "skipped"));
  if (!is_sound) CHECK(run.rows[2].at("status") == "skipped");
}

void check_while_running(const Expected& expected, const Run& run) {
  const bool is_sound = expected.while_running == std::string(kSound);
  CHECK(run.finished.exit_code == (is_sound ? 0 : 1));
  CHECK(run.rows[0].at("status") == "ok");
  CHECK(run.rows[1].at("status") == expected.while_running);
  CHECK(contains(run.rows[1].at("reason"), expected.reason));
  CHECK(run.rows[2].at("status") == "ok");
  const bool has_numbers = is_sound || run.rows[1].at("status") == "invalid";
  CHECK(run.rows[1].at("output_tok_s").empty() == !has_numbers);
}

void check_at_teardown(const Expected& expected, const Run& run) {
  CHECK(run.finished.exit_code == 0);
  CHECK(run.statuses() == "ok, ok, ok");
  const bool is_sound = expected.fault == std::string("none");
  CHECK(contains(run.finished.err, "the engine did not end cleanly") == !is_sound);
}

}  // namespace

TEST_CASE("every fault at every place costs the rows that it must and no other") {
  std::printf("| fault           | at          | cases                      | exit | reason |\n");
  std::printf("|---|---|---|---|---|\n");
  for (const Expected& expected : kExpected) {
    for (const char* place : kPlaces) {
      const std::string at = place;
      const Run result = run(expected, place);
      CAPTURE(expected.fault);
      CAPTURE(at);
      CAPTURE(result.finished.err);
      REQUIRE(result.rows.size() == 3);
      print_line(expected, place, result);
      if (at == "load" && expected.at_load == std::string(kCannotHappen)) {
        CHECK(is_refused(result));
      } else if (at == "teardown" && !expected.at_teardown) {
        CHECK(is_refused(result));
      } else if (at == "load") {
        check_at_load(expected, result);
      } else if (at == "teardown") {
        check_at_teardown(expected, result);
      } else {
        check_while_running(expected, result);
      }
    }
  }
}

TEST_CASE("the engine's last words stand in the row of its failure and nowhere else") {
  const Run result = run({"hang", "", "hang", "", true}, "mid_decode");
  REQUIRE(result.rows.size() == 3);
  CHECK(result.rows[0].at("last_words").empty());
  CHECK(contains(result.rows[1].at("last_words"), "the scripted fault hang strikes"));
  CHECK(result.rows[2].at("last_words").empty());
}

TEST_CASE("the shipped scenario of all faults ends with a row for each and exit code 1") {
  const Workplace folder;
  const auto finished = folder.lmbench({"run", "scenarios/faults.toml", "--out", "out"});
  CAPTURE(finished.err);
  CHECK(finished.exit_code == 1);
  std::vector<std::string> found = folder.statuses();
  REQUIRE(found.size() == 18);
  CHECK(found.front() == "ok");
  CHECK(found.back() == "ok");  // after all that, the engine is measured as if nothing had been
  for (std::size_t i = 1; i < kExpected.size(); ++i) {
    CAPTURE(kExpected[i].fault);
    CHECK(found[i] == kExpected[i].while_running);
  }
}
