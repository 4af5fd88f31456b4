// Cases that are complete but cannot be right: the row says so.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "workplace.hpp"

using lmbench::test::CsvRow;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;

namespace {

// A model that no cache holds, on a device that needs 1000 s to read it.
constexpr const char* kHugeModel =
    "step_us = 500.0\nparameters = 500000000000\nweight_bytes = 1e12\n";

struct Ran {
  CsvRow row;
  int exit_code;
};

Ran run(const std::string& engine_options, const std::vector<std::string>& settings = {}) {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 1, engine_options));
  std::vector<std::string> arguments{"run", "small.toml", "--out", "out"};
  for (const std::string& setting : settings) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  const auto finished = place.lmbench(arguments);
  INFO(finished.err);
  REQUIRE(place.results().size() == 1);
  return {place.results()[0], finished.exit_code};
}

}  // namespace

TEST_CASE("an engine that is faster than its device can read is invalid") {
  const Ran ran = run(std::string(kHugeModel) + "peak_bytes_per_s = 1e9\n");
  CHECK(ran.row.at("status") == "invalid");
  CHECK(ran.row.at("reason") == "below_roofline");
  CHECK(ran.exit_code == 1);
  CHECK(std::stod(ran.row.at("decode_mbu_percent")) > 105);
  CHECK_FALSE(ran.row.at("output_tok_s").empty());  // its numbers are there, and marked
}

TEST_CASE("an engine that is faster than it could compute its prefill is invalid") {
  const Ran ran = run(std::string(kHugeModel) + "peak_flops_per_s = 1e9\n");
  CHECK(ran.row.at("reason") == "below_roofline");
  CHECK(std::stod(ran.row.at("prefill_mfu_percent")) > 105);
  CHECK(ran.row.at("decode_mbu_percent").empty());
}

TEST_CASE("a measured peak can be passed by luck: a flag, unless strict") {
  const std::string options =
      std::string(kHugeModel) + "peak_bytes_per_s = 1e9\npeak_is_measured = true\n";
  const Ran ran = run(options);
  CHECK(ran.row.at("status") == "ok");
  CHECK(ran.row.at("flags").find("below_roofline") != std::string::npos);
  CHECK(ran.exit_code == 0);
  CHECK(run(options, {"measure.strict=true"}).row.at("status") == "invalid");
}

TEST_CASE("a peak stated in the scenario judges an engine that knows none") {
  CHECK(run(kHugeModel).row.at("status") == "ok");
  const Ran ran = run(kHugeModel, {"engine.device_peak_bytes_per_s=1e9"});
  CHECK(ran.row.at("reason") == "below_roofline");
}

TEST_CASE("an engine that takes its time has its share of the roofline") {
  // Weights that take 5 ms, in steps of 10 ms; a batch of 2 and tokens of no size.
  const Ran ran =
      run("step_us = 10000.0\nparameters = 1000\nweight_bytes = 1e12\n"
          "peak_bytes_per_s = 2e14\npeak_flops_per_s = 1e18\n");
  CHECK(ran.row.at("status") == "ok");
  CHECK(std::stod(ran.row.at("decode_mbu_percent")) == doctest::Approx(50).epsilon(0.3));
  CHECK(std::stod(ran.row.at("roofline_percent")) < 60);
  CHECK(std::stod(ran.row.at("roofline_percent")) > 10);
}
