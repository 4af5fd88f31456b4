// A disk that fills up costs the row whose events found no room; when rows find none either, the run
// ends with one sentence and goes on later.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "workplace.hpp"

using lmbench::test::read_file;
using lmbench::test::RunAs;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;
using Words = std::vector<std::string>;

namespace {

// Three cases, of which the second has 32 bytes of events for each of 12 000 tokens.
constexpr const char* kOneLarge =
    "[engine]\nplugin = \"sim\"\n[matrix]\nconcurrency = [2]\nprompt_tokens = [4, 5, 6]\n"
    "completion_tokens = [8, 3000, 8]\n[measure]\nwarmup_rounds = 0\ntest_rounds = 2\n";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// lmbench behind a script that ends with exec "$@".
RunAs behind(const std::string& script) {
  RunAs as;
  as.through = {"/bin/sh", "-c", script, "sh"};
  return as;
}

}  // namespace

TEST_CASE("events that find no room cost their row, and --resume measures it later") {
  const Workplace place;
  place.write("large.toml", kOneLarge);
  // In blocks of 512 bytes: more than all other files of the run, less than those events.
  const auto first =
      place.lmbench({"run", "large.toml", "--out", "out"}, behind("ulimit -f 500; exec \"$@\""));
  INFO(first.err);
  CHECK(first.exit_code == 1);
  REQUIRE(place.statuses() == Words{"ok", "interrupted", "ok"});
  const std::string reason = place.results()[1].at("reason");
  CHECK(contains(reason, "/events/02-b2-p5-r3000.npy': File too large"));
  CHECK_FALSE(std::filesystem::exists(place.path() / "out/events/02-b2-p5-r3000.npy"));
  CHECK(place.lmbench({"run", "large.toml", "--resume", "out"}).exit_code == 0);
  CHECK(place.statuses() == Words{"ok", "ok", "ok"});
}

TEST_CASE("rows that find no room end the run with one sentence, and it goes on when there is") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 40, "", "isolate = \"run\"\n"));
  const auto out = place.path() / "out";
  std::filesystem::create_directory(out);
  // A small file system of this process alone, filled up but for a few rows; kept as it was left.
  const std::string with_small_disk =
      "mount -t tmpfs -o size=320k none out || exit 77; \"$@\"; code=$?; "
      "rm -rf kept; cp -r out kept; exit $code";
  RunAs as;
  as.through = {"/usr/bin/env", "unshare", "-rm", "/bin/sh", "-c", with_small_disk, "sh"};
  const auto first = place.lmbench({"run", "small.toml", "--out", "out"}, as);
  INFO(first.err);
  if (first.exit_code != 1) {
    MESSAGE("skipped: no small file system can be mounted here: " << first.err);
    return;
  }
  CHECK(contains(first.err, "No space left on device; the rows that are there stay, and --resume"));
  CHECK_FALSE(contains(first.err, "LOG ERROR"));
  std::filesystem::remove(out);
  std::filesystem::rename(place.path() / "kept", out);
  const std::string rows_before = read_file(out / "results.csv");
  const std::string whole = rows_before.substr(0, rows_before.rfind('\n') + 1);
  const auto finished = place.lmbench({"run", "small.toml", "--resume", "out"});
  INFO(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(place.statuses() == Words(40, "ok"));
  CHECK(read_file(out / "results.csv").starts_with(whole));
}
