// What two manifests do not have in common.
// SPDX-License-Identifier: Apache-2.0
#include "report/manifest_differences.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "error.hpp"
#include "report/manifest.hpp"

using namespace lmbench;
using report::Difference;
using report::Manifest;
using report::ManifestDifferences;

namespace {

Manifest example() {
  Manifest m;
  m.lmbench_version = "1.0.0";
  m.begun_utc = "20260101T000000Z";
  m.scenario_path = "a.toml";
  m.scenario_toml = "[engine]\nplugin = \"sim\"\n[matrix]\nconcurrency = [1, 4]\n";
  m.machine = {{"host", "one"}, {"load_average", "0.10"}};
  m.model_files = {{"config.json", 10}, {"weights.bin", 20}};
  m.engine.emplace();
  m.engine->name = "sim";
  m.engine->objects = {{"/a/sim.so", "aa", "b1"}, {"/usr/lib/libm.so.6", "cc", "b2"}};
  return m;
}

ManifestDifferences between(const Manifest& a, const Manifest& b) {
  return report::manifest_differences(report::manifest_json(a), "a", report::manifest_json(b), "b");
}

const Difference* find(const std::vector<Difference>& differences, const std::string& key) {
  const auto found = std::find_if(differences.begin(), differences.end(),
                                  [&](const auto& d) { return d.key == key; });
  return found == differences.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a manifest does not differ from itself") {
  const auto found = between(example(), example());
  CHECK(found.settings.empty());
  CHECK(found.of_each_run.empty());
}

TEST_CASE("keys of the scenario are told one by one, whatever their order in the text") {
  Manifest other = example();
  other.scenario_toml =
      "[matrix]\nconcurrency = [1, 8]\n[engine]\nplugin = \"sim\"\noptions.step_us = 5.0\n";
  const auto found = between(example(), other).settings;
  REQUIRE(found.size() == 2);
  CHECK(find(found, "scenario.matrix.concurrency")->a == "[1, 4]");
  CHECK(find(found, "scenario.matrix.concurrency")->b == "[1, 8]");
  CHECK(find(found, "scenario.engine.options.step_us")->a == "absent");
  CHECK(find(found, "scenario.engine.options.step_us")->b == "5.0");
}

TEST_CASE("libraries are matched by name, so that one more of them does not shift the others") {
  Manifest other = example();
  other.engine->objects = {{"/a/sim.so", "ab", "b1"},
                           {"/a/libextra.so", "ee", "b3"},
                           {"/usr/lib/libm.so.6", "cc", "b2"}};
  const auto found = between(example(), other).settings;
  CHECK(find(found, "engine.objects.sim.so.sha256")->b == "ab");
  CHECK(find(found, "engine.objects.sim.so.build_id") == nullptr);
  CHECK(find(found, "engine.objects.libextra.so.path")->a == "absent");
  CHECK(find(found, "engine.objects.libm.so.6.sha256") == nullptr);
}

TEST_CASE("engine and model come before the machine, times and loads apart from both") {
  Manifest other = example();
  other.engine->version = "2";
  other.machine = {{"host", "two"}, {"load_average", "9.00"}};
  other.model_files.back().bytes = 21;
  other.begun_utc = "20260102T000000Z";
  const auto found = between(example(), other);
  REQUIRE(found.settings.size() == 3);
  CHECK(found.settings[0].key == "engine.version");
  CHECK(found.settings[1].key == "model_files.weights.bin.bytes");
  CHECK(found.settings[2].key == "machine.host");
  CHECK(find(found.of_each_run, "begun_utc") != nullptr);
  CHECK(find(found.of_each_run, "machine.load_average")->b == "9.00");
}

TEST_CASE("an engine that could not be loaded is absent") {
  Manifest other = example();
  other.engine.reset();
  const auto found = between(example(), other).settings;
  CHECK(find(found, "engine.name")->b == "absent");
}

TEST_CASE("a text that is no manifest is refused by name") {
  for (const char* text : {"", "[]", "{}", "{\"scenario\": 3}", "{\"scenario\": {}}"}) {
    CHECK_THROWS_WITH_AS(
        report::manifest_differences(report::manifest_json(example()), "a", text, "b"),
        doctest::Contains("'b' is no manifest of a lmbench run"), Error);
  }
}
