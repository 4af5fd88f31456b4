// The figures of a run against its raw events: what docs/metrics.md shows with NumPy gives them
// again.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "workplace.hpp"

using lmbench::test::read_file;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;

namespace {

// The Python behind a heading of the document.
std::string python_below(const std::string& heading) {
  const std::string text = read_file(LMBENCH_SOURCE_DIR "/docs/metrics.md");
  const std::string opening = "```python\n";
  const std::size_t begin = text.find(opening, text.find("\n## " + heading + "\n"));
  const std::size_t code = begin + opening.size();
  return text.substr(code, text.find("```", code) - code);
}

// For the events of this case: its rate, then its warm-up.
std::string example_for(const std::string& case_id) {
  std::string code = python_below("Computing a figure again") + python_below("Rounds");
  const std::string shown = "01-b1-p128-r128";
  for (auto at = code.find(shown); at != std::string::npos; at = code.find(shown)) {
    code.replace(at, shown.size(), case_id);
  }
  return code;
}

}  // namespace

TEST_CASE("output_tok_s follows from the raw events as the document says") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 1, "step_us = 500.0\njitter_percent = 5.0\n"));
  REQUIRE(place.lmbench({"run", "small.toml", "--out", "out"}).exit_code == 0);
  place.write("out/again.py", example_for("01-b2-p4-r8"));
  const std::string in_folder = "cd '" + (place.path() / "out").string() + "' && ";
  for (const std::string python : {"python3", "/usr/bin/python3"}) {
    if (std::system((python + " -c 'import numpy' 2>/dev/null").c_str()) != 0) continue;
    REQUIRE(std::system((in_folder + python + " again.py > again.txt").c_str()) == 0);
    std::istringstream said(read_file(place.path() / "out" / "again.txt"));
    std::string name;
    double value = 0;
    said >> name >> value;
    CHECK(name == "output_tok_s");
    CHECK(std::stod(place.results()[0].at(name)) == doctest::Approx(value).epsilon(1e-8));
    // "0 8 tokens 6.2 ms": the one round of warm-up.
    std::uint32_t round = 9;
    std::uint32_t tokens = 0;
    said >> round >> tokens;
    CHECK(round == 0);
    CHECK(tokens == 8);
    return;
  }
  MESSAGE("skip: no python3 with numpy here");
}

TEST_CASE("tokens that come together share their gap, and the row says so") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 1, "step_us = 500.0\ntokens_per_event = 2\n"));
  REQUIRE(place.lmbench({"run", "small.toml", "--out", "out"}).exit_code == 0);
  const auto row = place.results()[0];
  CHECK(row.at("tokens_per_event") == "2");
  CHECK(row.at("flags").find("coalesced") != std::string::npos);
  const double step_ms = std::stod(row.at("step_gap_ms_mean"));
  CHECK(std::stod(row.at("token_gap_ms_mean")) == doctest::Approx(step_ms / 2).epsilon(1e-5));
  CHECK(std::stod(row.at("tpot_ms_mean")) == doctest::Approx(step_ms / 2).epsilon(1e-5));
}
