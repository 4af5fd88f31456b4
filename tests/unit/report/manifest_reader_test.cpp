// SPDX-License-Identifier: Apache-2.0
#include "report/manifest_reader.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "error.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using report::Manifest;
using report::read_manifest;

namespace {

Manifest example() {
  Manifest m;
  m.lmbench_version = "1.0.0";
  m.source_revision = "abc";
  m.measuring_version = 3;
  m.executable = {"/bin/lmbench", "ee", "ff"};
  m.command_line = {"lmbench", "run", "x.toml"};
  m.begun_utc = "20260102T030405Z";
  m.resumes = {{.command_line = {"lmbench", "run", "x.toml", "--resume", "out"},
                .begun_utc = "20260102T040000Z",
                .ended_utc = {}}};
  m.scenario_path = "/a/x.toml";
  m.scenario_toml = "[scenario]\nname = \"x\"\n";
  m.seed = 9007199254740993;  // no double
  m.machine = {{"host", "a"}, {"cpu_model", "b"}};
  m.environment = {{"OMP_NUM_THREADS", "2"}};
  m.model_files = {{"config.ini", 12}};
  m.engine.emplace();
  m.engine->path = "/p/sim.so";
  m.engine->capabilities = 5;
  m.engine->load_s = 1.5;
  m.engine->objects = {{"/p/sim.so", "aa", "bb"}, {"/p/lib.so", "cc", ""}};
  m.engine->model = {{"parameters", 7e9}};
  m.engine->peak = {{"bytes_per_s", 2.5e10}};
  m.engine->peak_device = "cpu";
  m.engine->is_peak_measured = true;
  return m;
}

std::filesystem::path written(const test::TemporaryFolder& folder, const std::string& text) {
  std::ofstream(folder.path() / "manifest.json", std::ios::binary) << text;
  return folder.path() / "manifest.json";
}

}  // namespace

TEST_CASE("a manifest that is read and written again is the same text") {
  const test::TemporaryFolder folder;
  const std::string text = report::manifest_json(example());
  CHECK(report::manifest_json(read_manifest(written(folder, text))) == text);
  Manifest begun = example();
  begun.engine.reset();
  begun.resumes.clear();
  const std::string early = report::manifest_json(begun);
  CHECK(report::manifest_json(read_manifest(written(folder, early))) == early);
}

TEST_CASE("what is no manifest is refused in one sentence that names the file") {
  const test::TemporaryFolder folder;
  const auto refusal = [&](const std::string& text) {
    try {
      read_manifest(written(folder, text));
    } catch (const Error& e) {
      CHECK(std::string(e.what()).find("manifest.json'") != std::string::npos);
      return std::string(e.what());
    }
    return std::string("none");
  };
  CHECK(refusal("{ \"lmbench\": {\"ver").find("is not JSON") != std::string::npos);
  CHECK(refusal("[1, 2]").find("is no manifest of lmbench") != std::string::npos);
  CHECK(refusal("{\"name\": \"other\"}").find("is no manifest of lmbench") != std::string::npos);
  CHECK(refusal("{\"lmbench\": {\"version\": 7}}").find("cannot read") != std::string::npos);
  CHECK_THROWS_WITH_AS(read_manifest(folder.path() / "absent"),
                       doctest::Contains("is this a results folder of lmbench?"), Error);
}
