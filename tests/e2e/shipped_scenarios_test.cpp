// Each scenario that is shipped runs: reduced in size, with the sim engine at zero step time.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "workplace.hpp"

using lmbench::test::Workplace;

namespace {

std::vector<std::string> shipped() {
  std::vector<std::string> names;
  for (const auto& file :
       std::filesystem::directory_iterator(LMBENCH_SOURCE_DIR "/configs/scenarios")) {
    if (file.path().extension() == ".toml") names.push_back(file.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("there are shipped scenarios") { CHECK(shipped().size() >= 5); }

TEST_CASE("every shipped scenario runs with the sim engine") {
  for (const std::string& name : shipped()) {
    const Workplace place;
    const auto finished =
        place.lmbench({"run",   "scenarios/" + name,
                       "--out", "out",
                       "--csv", "legacy.csv",
                       "--set", "engine.plugin=sim",
                       "--set", "engine.options.fault=none",
                       "--set", "engine.options.step_us=0.0",
                       "--set", "engine.options.prefill_us_per_token=0.0",
                       "--set", "engine.options.step_us_per_sequence=0.0",
                       "--set", "engine.options.step_us_per_kilotoken_context=0.0",
                       "--set", "matrix.concurrency=[1,2]",
                       "--set", "matrix.prompt_tokens=[1,16]",
                       "--set", "matrix.completion_tokens=[4,8]",
                       "--set", "measure.test_rounds=2"});
    INFO(name, "\n", finished.err);
    CHECK(finished.exit_code == 0);
    CHECK(place.statuses() == std::vector<std::string>(4, "ok"));
  }
}

TEST_CASE("the plan of every shipped scenario can be printed") {
  for (const std::string& name : shipped()) {
    const Workplace place;
    const auto finished =
        place.lmbench({"run", "scenarios/" + name, "--dry-run", "--set", "engine.plugin=sim"});
    INFO(name, "\n", finished.err);
    CHECK(finished.exit_code == 0);
    CHECK(finished.out.find("01-b1-") != std::string::npos);
  }
}
