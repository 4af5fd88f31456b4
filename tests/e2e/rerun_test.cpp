// lmbench rerun: the same plan from a manifest, and what is no longer as it was.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "workplace.hpp"

using lmbench::test::read_file;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

namespace fs = std::filesystem;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

json manifest_in(const fs::path& folder) {
  return json::parse(read_file(folder / "manifest.json"));
}

void write_manifest(const fs::path& folder, const json& manifest) {
  std::ofstream(folder / "manifest.json") << manifest.dump();
}

// A run with a seed and a setting that the file does not have.
void run_once(const Workplace& place, const std::string& plugin = "sim") {
  place.write("small.toml", small_scenario(plugin, 2));
  const auto first =
      place.lmbench({"run", "small.toml", "--out", "out", "--set", "prompts.seed=7", "--set",
                     "engine.options.step_us=10.0", "--set", "engine.environment.OMP_X=3"});
  INFO(first.err);
  REQUIRE(first.exit_code == 0);
}

}  // namespace

TEST_CASE("a rerun has the same scenario, prompts and identity, without the scenario file") {
  const Workplace place;
  run_once(place);
  fs::remove(place.path() / "small.toml");
  const auto again = place.lmbench({"rerun", "out", "--out", "again"});
  INFO(again.err);
  CHECK(again.exit_code == 0);
  CHECK_FALSE(contains(again.err, " then and is "));
  CHECK_FALSE(contains(again.err, "changed since"));
  const json before = manifest_in(place.path() / "out");
  const json after = manifest_in(place.path() / "again");
  CHECK(after["scenario"] == before["scenario"]);
  CHECK(after["seed"] == 7);
  CHECK(after["command_line"][1] == "rerun");
  REQUIRE(after["cases"].size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(after["cases"][i]["prompts_sha256"] == before["cases"][i]["prompts_sha256"]);
    CHECK(after["cases"][i]["config_hash"] == before["cases"][i]["config_hash"]);
  }
}

TEST_CASE("what is no longer as it was recorded is warned of, a sentence each") {
  const Workplace place;
  const auto plugin = place.path() / "my.so";
  fs::copy_file(LMBENCH_BINARY_DIR "/plugins/sim.so", plugin);
  run_once(place, plugin.string());
  json manifest = manifest_in(place.path() / "out");
  manifest["lmbench"]["version"] = "0.9.0";
  manifest["machine"]["cpu_model"] = "Abacus";
  write_manifest(place.path() / "out", manifest);
  { std::ofstream(plugin, std::ios::app | std::ios::binary) << 'x'; }
  const auto again = place.lmbench({"rerun", "out/manifest.json", "--out", "again"});
  INFO(again.err);
  CHECK(again.exit_code == 0);
  CHECK(contains(again.err, "warning: the version of lmbench was 0.9.0 ("));
  CHECK(contains(again.err, "warning: the machine's cpu_model was 'Abacus' then and is '"));
  CHECK(contains(again.err, "warning: the engine's files have changed since (my.so)\n"));
}

TEST_CASE("a manifest that is foreign, torn or of another lmbench is refused in one sentence") {
  const Workplace place;
  run_once(place);
  const auto refusal = [&](const Words& words) {
    const auto refused = place.lmbench(words);
    CHECK(refused.exit_code == 2);
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
    return refused.err;
  };
  CHECK(contains(refusal({"rerun", "nowhere"}), "is this a results folder"));
  place.write("foreign.json", "{\"name\": 1}");
  CHECK(contains(refusal({"rerun", "foreign.json"}), "is no manifest of lmbench"));
  place.write("torn.json", read_file(place.path() / "out" / "manifest.json").substr(0, 300));
  CHECK(contains(refusal({"rerun", "torn.json"}), "is not JSON"));
  json manifest = manifest_in(place.path() / "out");
  manifest["scenario"]["resolved_toml"] = "[scenario]\nname = \"x\"\nold_key = 1\n";
  write_manifest(place.path() / "out", manifest);
  CHECK(contains(refusal({"rerun", "out"}), "cannot read: scenario:3:1: unknown key"));
}
