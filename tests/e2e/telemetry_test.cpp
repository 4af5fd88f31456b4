// Telemetry of real runs, with a management library of our own in the place of NVIDIA's.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "workplace.hpp"

using lmbench::test::csv_table;
using lmbench::test::CsvRow;
using lmbench::test::Finished;
using lmbench::test::read_file;
using lmbench::test::RunAs;
using lmbench::test::Workplace;

namespace {

const std::string kGib = "1073741824";

// Ten rounds of 125 ms, in which the device is looked at ten times.
std::string scenario(const std::string& telemetry) {
  return "[scenario]\nname = \"t\"\n[engine]\nplugin = \"sim\"\n[engine.options]\nstep_us = "
         "25000.0\ntp = 2\n[matrix]\nconcurrency = [2]\nprompt_tokens = [4]\ncompletion_tokens = "
         "[5]\n[measure]\nwarmup_rounds = 1\ntest_rounds = 10\n[telemetry]\nperiod_ms = 100\n" +
         telemetry;
}

struct Run {
  Finished finished;
  CsvRow row;
  std::string samples;
  nlohmann::json manifest;
};

Run run_with(const std::string& script, const std::string& telemetry = "",
             const std::string& age = "current") {
  const Workplace place;
  place.write("t.toml", scenario(telemetry));
  place.write("script.txt", script);
  RunAs as;
  as.environment = {
      {"LD_LIBRARY_PATH", std::string(LMBENCH_BINARY_DIR) + "/tests/fake_nvml/" + age},
      {"LMBENCH_FAKE_NVML", (place.path() / "script.txt").string()}};
  Run run;
  run.finished = place.lmbench({"run", "t.toml", "--out", "out"}, as);
  INFO(run.finished.err);
  REQUIRE(place.results().size() == 1);
  run.row = place.results().front();
  run.samples = read_file(place.path() / "out" / "telemetry.csv");
  run.manifest = nlohmann::json::parse(read_file(place.path() / "out" / "manifest.json"));
  return run;
}

const std::string kCool = "worker_bytes " + kGib + "\nsample 4096 1980 2619 65 350000 100 0x4\n";

}  // namespace

TEST_CASE("a device that the worker computes on fills the row, and mem(GB) is per rank") {
  const Run run = run_with(kCool);
  CHECK(run.finished.exit_code == 0);
  CHECK(run.row.at("status") == "ok");
  CHECK(run.row.at("mem_device_peak_bytes") == kGib);
  CHECK(run.row.at("mem_process_peak_bytes") == kGib);
  CHECK(run.row.at("mem(GB)") == "0.50");
  CHECK(run.row.at("sm_clock_mhz_mean") == "1980");
  CHECK(run.row.at("device_temperature_c_max") == "65");
  CHECK(run.row.at("power_w_mean") == "350");
  CHECK(run.row.at("throttled_rounds") == "0");
  CHECK(run.row.at("throttle_reasons") == "sw_power_cap");
  CHECK(run.row.at("foreign_processes_max") == "0");
  CHECK(run.manifest.at("devices").at(0).at("uuid") == "GPU-fake");
  const auto samples = csv_table(run.samples);
  CHECK(samples.size() > 10);
  CHECK(samples.back().at("t_ns").size() > 5);
}

TEST_CASE("a device that was too hot makes the case invalid, and its figures stay") {
  const Run run = run_with("worker_bytes 4096\nsample 0 1200 2619 92 200000 100 0x40\n");
  CHECK(run.finished.exit_code == 1);
  CHECK(run.row.at("status") == "invalid");
  CHECK(run.row.at("reason") == "throttled");
  CHECK(run.row.at("throttled_rounds") == "10");
  CHECK_FALSE(run.row.at("output_tok_s").empty());
}

TEST_CASE("another process on the device makes the case invalid, unless that is allowed") {
  const Run run = run_with(kCool + "foreign 4711\n");
  CHECK(run.row.at("status") == "invalid");
  CHECK(run.row.at("reason") == "foreign_process");
  const Run allowed = run_with(kCool + "foreign 4711\n", "allow_foreign = true\n");
  CHECK(allowed.row.at("status") == "ok");
  CHECK(allowed.row.at("foreign_processes_max") == "1");
}

TEST_CASE("an older library leaves cells empty and is no error") {
  const Run run = run_with(kCool, "", "old");
  CHECK(run.row.at("status") == "ok");
  CHECK(run.row.at("sm_clock_mhz_mean") == "1980");
  CHECK_FALSE(run.manifest.at("devices").at(0).contains("cuda_driver_version"));
}

TEST_CASE("a library that hangs does not hang lmbench") {
  const Run run = run_with("hang\n");
  CHECK(run.finished.exit_code == 0);
  CHECK(run.row.at("status") == "ok");
  CHECK(run.row.at("mem_device_peak_bytes").empty());
  CHECK(run.finished.err.find("does not answer") != std::string::npos);
  CHECK_FALSE(run.row.at("host_samples_n").empty());
}

TEST_CASE("an engine without a device has no figures of one, and telemetry can be off") {
  const Run run = run_with("sample 0 1980 2619 65 350000 100 0x0\n", "enabled = false\n");
  CHECK(run.row.at("status") == "ok");
  CHECK(run.row.at("host_samples_n").empty());
  CHECK(run.samples.empty());
  CHECK(run.row.at("mem(GB)").empty());
}
