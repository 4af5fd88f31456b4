// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_files.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "error.hpp"
#include "scenario_text.hpp"
#include "temporary_folder.hpp"

using namespace lmbench::scenario;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

std::string model_of(const Scenario& scenario) {
  for (const auto& [key, value] : scenario.engine.options) {
    if (key == "model") return std::get<std::string>(value);
  }
  return "";
}

}  // namespace

TEST_CASE("a scenario is found in the current folder before the configs folders") {
  const lmbench::test::TemporaryFolder folder;
  const fs::path current = folder.path() / "here";
  const std::vector<fs::path> configs = {folder.path() / "c1", folder.path() / "c2"};
  write(configs[1] / "scenarios/x.toml", "");
  fs::create_directories(current);
  CHECK(find_scenario("scenarios/x.toml", current, configs) == configs[1] / "scenarios/x.toml");
  write(configs[0] / "scenarios/x.toml", "");
  CHECK(find_scenario("scenarios/x.toml", current, configs) == configs[0] / "scenarios/x.toml");
  write(current / "scenarios/x.toml", "");
  CHECK(find_scenario("scenarios/x.toml", current, configs) == current / "scenarios/x.toml");
  const fs::path absolute = configs[1] / "scenarios/x.toml";
  CHECK(find_scenario(absolute.string(), current, configs) == absolute);
}

TEST_CASE("a scenario that is nowhere, or is a folder, is an error that lists the places") {
  const lmbench::test::TemporaryFolder folder;
  const std::vector<fs::path> configs = {folder.path() / "configs"};
  fs::create_directories(configs[0] / "x.toml");
  CHECK_THROWS_WITH_AS(
      find_scenario("x.toml", folder.path(), configs),
      ("there is no scenario 'x.toml'; looked for " + (folder.path() / "x.toml").string() + ", " +
       (configs[0] / "x.toml").string())
          .c_str(),
      lmbench::Error);
  CHECK_THROWS_AS(find_scenario("", folder.path(), configs), lmbench::Error);
}

TEST_CASE("a model is found from the current folder, the scenario's folder and configs") {
  const lmbench::test::TemporaryFolder folder;
  const fs::path current = folder.path() / "here";
  const std::vector<fs::path> configs = {folder.path() / "configs"};
  write(folder.path() / "s/x.toml",
        scenario_text::kSmall + "[engine.options]\nmodel = \"models/m.toml\"\n");
  const std::string file = (folder.path() / "s/x.toml").string();
  fs::create_directories(current);
  const auto resolved = [&] { return model_of(load_scenario(file, {}, current, configs)); };
  CHECK(resolved() == "models/m.toml");
  write(configs[0] / "models/m.toml", "");
  CHECK(resolved() == configs[0] / "models/m.toml");
  write(folder.path() / "s/models/m.toml", "");
  CHECK(resolved() == folder.path() / "s/models/m.toml");
  fs::create_directories(current / "models/m.toml");
  CHECK(resolved() == current / "models/m.toml");
}

TEST_CASE("the canonical text holds the resolved model") {
  const lmbench::test::TemporaryFolder folder;
  write(folder.path() / "m.toml", "");
  Scenario s = scenario_text::read(scenario_text::kSmall, {"engine.options.model=m.toml"});
  resolve_model_path(s, folder.path(), {});
  const Scenario again = read_scenario(s.resolved_toml, "x.toml", {});
  CHECK(model_of(again) == folder.path() / "m.toml");
}

TEST_CASE("the configs folder of the source tree is known") {
  const auto folders = config_folders(LMBENCH_BINARY_DIR "/lmbench");
  REQUIRE(folders.size() == 1);
  CHECK(folders[0] == fs::path(LMBENCH_SOURCE_DIR "/configs"));
}

TEST_CASE("the configs folder of an install tree is found from wherever its executable lies") {
  const lmbench::test::TemporaryFolder folder;
  const fs::path configs = folder.path() / "share/lmbench/configs";
  fs::create_directories(configs);
  fs::create_directories(folder.path() / "bin");
  const auto folders = config_folders(folder.path() / "bin/lmbench");
  REQUIRE(folders.size() == 1);
  CHECK(folders[0] == configs);
}
