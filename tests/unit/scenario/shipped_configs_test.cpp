// What lies in configs/: every scenario reads and plans, every preset has the published size.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "scenario/plan.hpp"
#include "scenario/scenario_files.hpp"
#include "scenario/toml_document.hpp"

using namespace lmbench::scenario;
namespace fs = std::filesystem;

namespace {

const fs::path kConfigs = LMBENCH_SOURCE_DIR "/configs";

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

using Preset = std::map<std::string, Value>;

Preset read_preset(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  Preset preset;
  for (Entry& entry : read_document(text.str(), path.string(), {})) {
    preset.emplace(entry.path.front(), std::move(entry.value));
  }
  return preset;
}

std::int64_t integer(const Preset& preset, const std::string& key) {
  CAPTURE(key);
  REQUIRE(preset.count(key) == 1);
  REQUIRE(preset.at(key).kind == Value::Kind::integer);
  return preset.at(key).integer;
}

// Of the LLaMA family: attention, three projections and two norms a layer, embedding, head, norm.
std::int64_t parameters_of(const Preset& preset) {
  const std::int64_t head_size = integer(preset, "size_per_head");
  const std::int64_t q_width = integer(preset, "head_num") * head_size;
  const std::int64_t qkv_width = q_width + 2 * integer(preset, "kv_head_num") * head_size;
  const std::int64_t hidden = q_width;
  const std::int64_t biases = integer(preset, "attn_bias") != 0 ? qkv_width + hidden : 0;
  const std::int64_t layer = hidden * qkv_width + q_width * hidden + biases +
                             3 * hidden * integer(preset, "inter_size") + 2 * hidden;
  const std::int64_t tables = preset.at("tie_word_embeddings").boolean ? 1 : 2;
  return integer(preset, "num_layer") * layer + tables * integer(preset, "vocab_size") * hidden +
         hidden;
}

const std::map<std::string, double> kPublishedParameters = {
    {"internlm-7b.toml", 7.322e9},   {"internlm-20b.toml", 20.09e9},
    {"llama2-7b.toml", 6.738e9},     {"llama2-13b.toml", 13.016e9},
    {"llama2-70b.toml", 68.977e9},   {"llama3-8b.toml", 8.030e9},
    {"internlm2-7b.toml", 7.738e9},  {"tinyllama-1.1b.toml", 1.100e9},
    {"smollm2-135m.toml", 0.1345e9}, {"quickstart.toml", 0.1001e9},
    {"small.toml", 787584}};

}  // namespace

TEST_CASE("every shipped scenario reads, plans and finds its model") {
  const std::vector<fs::path> configs = {kConfigs};
  for (const std::string& name : names_in(kConfigs / "scenarios")) {
    CAPTURE(name);
    const Scenario scenario = load_scenario("scenarios/" + name, {}, "/", configs);
    CHECK_FALSE(make_plan(scenario).empty());
    for (const auto& [key, value] : scenario.engine.options) {
      if (key == "model") CHECK(fs::is_regular_file(std::get<std::string>(value)));
    }
  }
}

TEST_CASE("the InternLM-7B scenario is the original matrix of twenty cases and ten rounds") {
  const std::vector<fs::path> configs = {kConfigs};
  const Scenario scenario = load_scenario("scenarios/internlm7b.toml", {}, "/", configs);
  const auto plan = make_plan(scenario);
  REQUIRE(plan.size() == 20);
  CHECK(plan[6].case_id == "07-b16-p128-r128");
  CHECK(scenario.measure.test_rounds == 10);
  CHECK(scenario.measure.warmup_rounds == 1);
}

TEST_CASE("the quickstart scenario is small, on the CPU and of two by two cases at least") {
  const std::vector<fs::path> configs = {kConfigs};
  const Scenario scenario = load_scenario("scenarios/quickstart.toml", {}, "/", configs);
  CHECK(scenario.matrix.concurrency.size() >= 2);
  CHECK(scenario.matrix.lengths.size() >= 2);
  const Options& options = scenario.engine.options;
  CHECK(std::count(options.begin(), options.end(),
                   std::pair<std::string, OptionValue>("device", std::string("cpu"))) == 1);
}

TEST_CASE("every shipped preset has the published number of parameters") {
  for (const auto& named : kPublishedParameters) {
    const std::string& name = named.first;
    const double published = named.second;
    CAPTURE(name);
    const Preset preset = read_preset(kConfigs / "models" / name);
    const auto counted = static_cast<double>(parameters_of(preset));
    CHECK(std::abs(counted / published - 1.0) < 1e-3);
    CHECK(integer(preset, "head_num") % integer(preset, "kv_head_num") == 0);
    CHECK(integer(preset, "session_len") > 0);
    CHECK(integer(preset, "start_id") < integer(preset, "vocab_size"));
    CHECK(preset.at("norm_eps").kind == Value::Kind::real);
    CHECK(preset.at("tie_word_embeddings").kind == Value::Kind::boolean);
  }
}

TEST_CASE("every shipped preset is checked here") {
  std::set<std::string> checked;
  for (const auto& [name, published] : kPublishedParameters) checked.insert(name);
  CHECK(names_in(kConfigs / "models") == checked);
}
