// lmbench check as a user runs it: its options and exit codes, and run --checked. Whether its cases
// find what is wrong with a plugin is the matter of tests/conformance/.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "workplace.hpp"

using lmbench::test::read_file;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string wrong_plugin(const std::string& name) {
  return LMBENCH_BINARY_DIR "/tests/conformance/" + name + ".so";
}

}  // namespace

TEST_CASE("the manual lists the cases that there are") {
  const Workplace place;
  const auto listed = place.lmbench({"check", "--list"});
  CHECK(listed.exit_code == 0);
  const std::string manual = read_file(LMBENCH_SOURCE_DIR "/docs/check.md");
  std::istringstream lines(listed.out);
  std::size_t cases = 0;
  for (std::string line; std::getline(lines, line); ++cases) {
    const std::size_t name_end = line.find(' ');
    const std::string row = "| `" + line.substr(0, name_end) + "` | " +
                            line.substr(line.find_first_not_of(' ', name_end)) + " |";
    CHECK_MESSAGE(contains(manual, row), row);
  }
  CHECK(cases > 40);
  CHECK(static_cast<std::size_t>(std::count(manual.begin(), manual.end(), '/')) >= cases);
}

TEST_CASE("a failed case is exit code 1, and the JSON tells which") {
  const Workplace place;
  const auto checked = place.lmbench({"check", wrong_plugin("answers_any_extension"), "--only",
                                      "extension", "--json", "found.json"});
  INFO(checked.err);
  CHECK(checked.exit_code == 1);
  CHECK(contains(checked.out, "fail  lifecycle/unknown-extension-null"));
  CHECK(contains(checked.out, "1 passed, 1 failed, 0 warned, 0 skipped"));
  const auto json = nlohmann::json::parse(read_file(place.path() / "found.json"));
  CHECK(json.at("totals").at("fail") == 1);
  CHECK(json.at("cases").size() == 2);
  CHECK(json.at("cases").at(0).at("name") == "lifecycle/unknown-extension-null");
}

TEST_CASE("a plugin that ends its process fails a case, not the tool") {
  const Workplace place;
  const auto checked = place.lmbench({"check", wrong_plugin("aborts_in_constructor")});
  CHECK(checked.exit_code == 1);
  CHECK(contains(checked.out, "fail  binary/binds-now"));
  CHECK(contains(checked.out, "SIGABRT"));
}

TEST_CASE("options come from a scenario, or from a file that has them alone") {
  const Workplace place;
  place.write("scenario.toml", small_scenario("sim", 1, "step_us = 300.0"));
  place.write("options.toml", "step_us = 300.0\n");
  place.write("wrong.toml", "step_us = 300.0\nno_such_option = 1\n");
  const auto checked = [&](const std::string& file) {
    return place.lmbench({"check", "sim", "--only", "wrong-type", "--config", file});
  };
  for (const char* file : {"scenario.toml", "options.toml"}) {
    CHECK(checked(file).exit_code == 0);
    CHECK(contains(checked(file).out, "'step_us'"));
  }
  const auto wrong =
      place.lmbench({"check", "sim", "--only", "load-twice", "--config", "wrong.toml"});
  CHECK(wrong.exit_code == 1);
  CHECK(contains(wrong.out, "no_such_option"));
}

TEST_CASE("cases without a process of their own find the same") {
  const Workplace place;
  const auto checked = place.lmbench({"check", "null", "--only", "lifecycle/", "--in-process"});
  CHECK(checked.exit_code == 0);
  CHECK(contains(checked.out, "pass  lifecycle/load-twice"));
}

TEST_CASE("wrong uses are refused with what to do") {
  const Workplace place;
  const auto refused = [&](const std::vector<std::string>& words, int exit_code,
                           const std::string& sentence) {
    const auto finished = place.lmbench(words);
    CHECK(finished.exit_code == exit_code);
    CHECK_MESSAGE(contains(finished.err, sentence), finished.err);
  };
  refused({"check"}, 2, "check needs a plugin");
  refused({"check", "null", "--only", "("}, 2, "is no regular expression");
  refused({"check", "null", "--only", "nonsense"}, 2, "fits no case");
  refused({"check", "null", "--config", "absent.toml"}, 2, "cannot read 'absent.toml'");
  place.write("no_plugin.so", "text");
  refused({"check", "./no_plugin.so"}, 3, "no_plugin.so");
}

TEST_CASE("a run under the watch of the contract has its cases, and a broken one has no figures") {
  const Workplace place;
  place.write("good.toml", small_scenario("sim", 2));
  const auto good = place.lmbench({"run", "good.toml", "--out", "out", "--checked"});
  INFO(good.err);
  CHECK(good.exit_code == 0);
  CHECK(contains(read_file(place.path() / "out" / "manifest.json"), "checked = true"));
  place.write("bad.toml", small_scenario(wrong_plugin("reorders"), 1));
  const auto unwatched = place.lmbench({"run", "bad.toml", "--out", "unwatched"});
  CHECK(unwatched.exit_code == 0);
  const auto bad = place.lmbench({"run", "bad.toml", "--out", "bad", "--checked"});
  CHECK(bad.exit_code == 1);
  const auto row = place.results("bad").at(0);
  CHECK(row.at("status") == "bad_plugin");
  CHECK(contains(row.at("reason"), "engine_ns lies before that of the last one"));
}
