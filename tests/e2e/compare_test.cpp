// lmbench compare: two results folders as runs leave them.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "workplace.hpp"

using lmbench::test::read_file;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void run(const Workplace& place, const std::string& out, const std::string& setting) {
  place.write("small.toml", small_scenario("sim", 2));
  const auto finished = place.lmbench({"run", "small.toml", "--out", out, "--set", setting});
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
}

}  // namespace

TEST_CASE("two runs are compared case by case, and what was changed between them is told first") {
  const Workplace place;
  run(place, "a", "engine.options.step_us=500.0");
  run(place, "b", "engine.options.step_us=5000.0");
  const auto compared = place.lmbench({"compare", "a", "b"});
  CHECK(compared.exit_code == 0);
  CHECK(compared.err.empty());
  CHECK(contains(compared.out, "scenario.engine.options.step_us"));
  CHECK(contains(compared.out, "5000.0"));
  CHECK(compared.out.find("step_us") < compared.out.find("output_tok_s"));
  CHECK(contains(compared.out, "01-b2-p4-r8"));
  CHECK(contains(compared.out, "02-b2-p5-r8"));
  CHECK(contains(compared.out, "This is no verdict."));
}

TEST_CASE("a run of an older lmbench, with fewer columns, can be compared") {
  const Workplace place;
  run(place, "a", "engine.options.step_us=500.0");
  run(place, "b", "engine.options.step_us=500.0");
  std::ofstream(place.path() / "b" / "results.csv")
      << "batch,prompt_tokens,completion_tokens,case_id,status,output_tok_s\n"
         "2,4,8,01-b2-p4-r8,ok,1234\n";
  const auto compared = place.lmbench({"compare", "a", "b"});
  INFO(compared.err);
  CHECK(compared.exit_code == 0);
  CHECK(contains(compared.out, "1234"));
  CHECK(contains(compared.out, "02-b2-p5-r8: in A only"));
}

TEST_CASE("runs without a case in common are an unclear comparison") {
  const Workplace place;
  run(place, "a", "matrix.concurrency=[1]");
  run(place, "b", "matrix.concurrency=[3]");
  CHECK(place.lmbench({"compare", "a", "b"}).exit_code == 4);
}

TEST_CASE("a folder that is none of a run is refused with what it lacks") {
  const Workplace place;
  run(place, "a", "engine.options.step_us=500.0");
  const auto refused = place.lmbench({"compare", "a", "."});
  CHECK(refused.exit_code == 2);
  CHECK(contains(refused.err, "'.' is no results folder of a run: it has no manifest.json"));
  std::ofstream(place.path() / "a" / "results.csv") << "x,y\n1,2\n";
  const auto no_csv = place.lmbench({"compare", "a", "a"});
  CHECK(no_csv.exit_code == 2);
  CHECK(contains(no_csv.err, "is no results.csv of lmbench"));
}
