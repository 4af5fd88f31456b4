// SPDX-License-Identifier: Apache-2.0
#include "process/config_hash.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "process/model_files.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using plugin::MappedObject;
using process::config_hash;
using report::ModelFile;

namespace {

scenario::Scenario example() {
  scenario::Scenario s;
  s.name = "small";
  s.engine.plugin = "sim";
  s.engine.options = {{"step_us", 1.0}};
  s.matrix = {.concurrency = {1, 2}, .lengths = {{.prompt_tokens = 4, .completion_tokens = 8}}};
  return s;
}

const scenario::Case kCase{.index = 1,
                           .case_id = "02-b2-p4-r8",
                           .concurrency = 2,
                           .prompt_tokens = 4,
                           .completion_tokens = 8};
const std::vector<MappedObject> kEngine = {{"/a/sim.so", "aa", "bb"}, {"/a/lib.so", "cc", ""}};
const std::vector<ModelFile> kModel = {{"config.ini", 100}};

std::string hash(const scenario::Scenario& s) { return config_hash(s, kCase, kEngine, kModel); }

}  // namespace

TEST_CASE("the hash is a SHA-256 and the same each time") {
  CHECK(hash(example()).size() == 64);
  CHECK(hash(example()) == hash(example()));
}

TEST_CASE("what decides a figure changes the hash") {
  const std::string before = hash(example());
  scenario::Scenario s = example();
  SUBCASE("an engine option") { s.engine.options[0].second = 2.0; }
  SUBCASE("the environment") { s.engine.environment["OMP_NUM_THREADS"] = "2"; }
  SUBCASE("sampling") { s.sampling.top_k = 40; }
  SUBCASE("the seed") { s.prompts.seed = 1; }
  SUBCASE("the rounds") { s.measure.test_rounds = 11; }
  SUBCASE("the width that is enough") { s.measure.test_limits.interval_percent = 2; }
  SUBCASE("the limits of the warm-up") { s.measure.warmup_limits.max_rounds = 21; }
  SUBCASE("the kind of rounds") { s.measure.round_mode = scenario::RoundMode::closed; }
  CHECK(hash(s) != before);
}

TEST_CASE("case, engine files and model files change the hash") {
  const std::string before = hash(example());
  scenario::Case other = kCase;
  other.completion_tokens = 9;
  CHECK(config_hash(example(), other, kEngine, kModel) != before);
  auto engine = kEngine;
  engine[1].sha256 = "cd";  // a library that the plugin loads
  CHECK(config_hash(example(), kCase, engine, kModel) != before);
  CHECK(config_hash(example(), kCase, kEngine, std::vector<ModelFile>{{"config.ini", 101}}) !=
        before);
}

TEST_CASE("names, limits, output, place in the plan and the engine's folder do not") {
  const std::string before = hash(example());
  scenario::Scenario s = example();
  s.name = "other";
  s.engine.plugin = "/b/sim.so";
  s.matrix.concurrency = {2, 64};
  s.measure.case_timeout_s = 10;
  s.measure.stall_timeout_s = 10;
  s.measure.strict = true;
  s.output.csv = "out.csv";
  scenario::Case moved = kCase;
  moved.index = 0;
  moved.case_id = "01-b2-p4-r8";
  const std::vector<MappedObject> elsewhere = {{"/b/sim.so", "aa", "bb"}, {"/c/lib.so", "cc", ""}};
  CHECK(config_hash(s, moved, elsewhere, kModel) == before);
}

TEST_CASE("the files of a model folder are listed by name, with their sizes") {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "sub");
  std::ofstream(folder.path() / "z.bin") << "12345";
  std::ofstream(folder.path() / "sub" / "a.bin") << "1";
  const auto files = process::model_files({{"model", folder.path().string()}});
  REQUIRE(files.size() == 2);
  CHECK(files[0].path == "sub/a.bin");
  CHECK(files[0].bytes == 1);
  CHECK(files[1].path == "z.bin");
  CHECK(files[1].bytes == 5);
}

TEST_CASE("a model that is a file is that file, and one that is nothing here has none") {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "tiny.toml") << "x = 1\n";
  const auto files = process::model_files({{"model", (folder.path() / "tiny.toml").string()}});
  REQUIRE(files.size() == 1);
  CHECK(files[0].path == "tiny.toml");
  CHECK(process::model_files({{"model", std::string("no-model")}}).empty());
  CHECK(process::model_files({{"weights", std::string("dummy")}}).empty());
}

TEST_CASE("limits of rounds whose number is given do not") {
  scenario::Scenario s = example();
  s.measure.warmup_rounds = 1;
  s.measure.test_rounds = 10;
  const std::string before = hash(s);
  s.measure.test_limits.budget_s = 5;
  s.measure.warmup_limits.budget_s = 5;
  CHECK(hash(s) == before);
}
