// SPDX-License-Identifier: Apache-2.0
#include "report/manifest.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "error.hpp"
#include "report/results_csv.hpp"
#include "temporary_folder.hpp"

using lmbench::report::Manifest;
using nlohmann::json;

namespace {

Manifest example() {
  Manifest m;
  m.lmbench_version = "1.0.0";
  m.source_revision = "abc";
  m.measuring_version = 1;
  m.command_line = {"lmbench", "run", "a b.toml"};
  m.begun_utc = "20260102T030405Z";
  m.scenario_toml = "[scenario]\nname = \"x\"\n";
  m.seed = 42;
  m.machine = {{"cpu_model", "Abacus"}};
  m.environment = {{"OMP_NUM_THREADS", "\xff"}};
  m.model_files = {{"config.ini", 12}};
  return m;
}

}  // namespace

TEST_CASE("a manifest holds what the run was and null for what is not known") {
  const json j = json::parse(lmbench::report::manifest_json(example()));
  CHECK(j["lmbench"]["version"] == "1.0.0");
  CHECK(j["command_line"][2] == "a b.toml");
  CHECK(j["scenario"]["resolved_toml"] == "[scenario]\nname = \"x\"\n");
  CHECK(j["seed"] == 42);
  CHECK(j["machine"]["cpu_model"] == "Abacus");
  CHECK(j["model_files"][0]["bytes"] == 12);
  CHECK(j["engine"].is_null());
  CHECK(j["harness"].is_null());
  CHECK(j["ended_utc"].is_null());
  CHECK(j["cases"].empty());
}

TEST_CASE("the engine is in it with every file that it mapped") {
  Manifest m = example();
  m.engine.emplace();
  m.engine->name = "sim";
  m.engine->objects = {{"/p/sim.so", "aa", "bb"}, {"/p/lib.so", "cc", ""}};
  m.engine->peak = {{"bytes_per_s", 2e12}};
  m.engine->is_peak_measured = true;
  m.clock = {{"read_ns", 20.5}, {"smallest_step_ns", 10}};
  m.cases = {{"01-b1-p1-r2",
              "ff",
              "ok",
              "ee",
              {{.name = "steps", .unit = "1", .is_counter = true, .value = 8}}}};
  const json j = json::parse(lmbench::report::manifest_json(m));
  CHECK(j["engine"]["objects"][1]["sha256"] == "cc");
  CHECK(j["engine"]["peak"]["bytes_per_s"] == 2e12);
  CHECK(j["engine"]["peak"]["is_measured"] == true);
  CHECK(j["engine"]["model"].is_null());
  CHECK(j["clock"]["read_ns"] == 20.5);
  CHECK(j["clock"]["smallest_step_ns"].is_number_integer());
  CHECK(j["cases"][0]["prompts_sha256"] == "ee");
  CHECK(j["cases"][0]["engine_stats"]["steps"]["value"] == 8);
}

TEST_CASE("each column of results.csv has its unit and formula in the manifest") {
  const json j = json::parse(lmbench::report::manifest_json(example()));
  CHECK(j["columns"].size() == lmbench::report::result_columns().size());
  CHECK(j["columns"]["ftl_ms_mean"]["unit"] == "ms");
  CHECK(j["columns"]["ftl_ms_mean"]["formula"] == "mean of t1 - due");
}

TEST_CASE("writing again replaces the file and leaves nothing beside it") {
  const lmbench::test::TemporaryFolder folder;
  const auto file = folder.path() / "manifest.json";
  write_manifest(file, example());
  Manifest later = example();
  later.ended_utc = "20260102T030406Z";
  write_manifest(file, later);
  std::ifstream in(file);
  CHECK(json::parse(in)["ended_utc"] == "20260102T030406Z");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}
