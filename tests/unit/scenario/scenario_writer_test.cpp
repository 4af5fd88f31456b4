// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_writer.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "scenario/scenario_reader.hpp"
#include "scenario_text.hpp"

using namespace lmbench::scenario;

namespace {

Scenario read_back(const Scenario& scenario) {
  return read_scenario(toml_text(scenario), scenario.source_path, {});
}

Scenario full_scenario() {
  Scenario s;
  s.name = "full";
  s.engine.plugin = "/a \"b\"\\c/x.so";
  s.engine.options = {
      {"a-1.b_2", true}, {"big", std::numeric_limits<std::int64_t>::min()},
      {"real", 0.1},     {"text", std::string("tab\tline\nquote\"back\\ \x01\x7f \xc3\xbc")},
      {"whole", 1e300},  {"zero", 0.0}};
  s.engine.environment = {{"A b", "1"}, {"X", ""}};
  s.engine.device_peak_bytes_per_s = 3.35e12;
  s.engine.device_peak_flops_per_s = 9.9e14;
  s.engine.cpus = "1,3-4";
  s.engine.is_checked = true;
  s.sampling = {40, 0.8F, 1e-7F};
  s.matrix = {{1, 65536}, {{1, 2}, {16'777'216, 3}}};
  s.measure = {0,   1,    {7, 0.25}, {12.5, 2, 3, 1e7}, RoundMode::closed, Isolate::per_case, 0.1,
               1e7, 1e-3, true};
  s.prompts = {PromptKind::same, 9223372036854775807ULL, 2, {0, 2147483647}};
  s.output.csv = "a b.csv";
  s.ab = {.rounds = {},
          .max_rounds = 60,
          .gate = {"ftl", "tpot"},
          .min_effect_percent = 0.25,
          .detect_percent = 2.0,
          .mode = AbMode::resident,
          .same_output = SameOutput::require,
          .seed = 7};
  s.variants = {{.name = "base", .plugin = "", .options = {}, .environment = {}, .cpus = ""},
                {.name = "new.1",
                 .plugin = "/x y.so",
                 .options = {{"a.b", std::int64_t{1}}, {"c", std::string("d\n")}},
                 .environment = {{"A b", "1"}},
                 .cpus = "0-3,8"}};
  return s;
}

}  // namespace

TEST_CASE("reading the written text gives the same scenario") {
  Scenario written = full_scenario();
  Scenario read = read_back(written);
  written.resolved_toml = read.resolved_toml;
  CHECK(read == written);
  CHECK(read.resolved_toml == toml_text(read));
}

TEST_CASE("what was read carries its canonical text, which is a fixed point") {
  const Scenario read = scenario_text::read(scenario_text::kSmall, {"engine.options.a.b=2"});
  CHECK(read_scenario(read.resolved_toml, "x.toml", {}) == read);
}

TEST_CASE("rounds that are not given stay so, and limits are written where they matter") {
  Scenario s = full_scenario();
  s.measure.round_mode = RoundMode::barrier;
  s.measure.test_rounds.reset();
  s.measure.warmup_rounds.reset();
  Scenario read = read_back(s);
  CHECK(read.measure == s.measure);
  CHECK(read.resolved_toml.find("test_rounds") == std::string::npos);
  s.measure.test_limits = {};
  s.measure.warmup_limits = {};
  CHECK(read_back(s).resolved_toml.find("min_rounds = 6") != std::string::npos);
  s.measure.test_rounds = 10;
  s.measure.warmup_rounds = 1;
  read = read_back(s);
  CHECK(read.measure == s.measure);
  CHECK(read.resolved_toml.find("min_rounds") == std::string::npos);
  CHECK(read.resolved_toml.find("warmup_max_rounds") == std::string::npos);
}

TEST_CASE("prompt kinds and modes keep their names") {
  for (const PromptKind kind : {PromptKind::distinct, PromptKind::same, PromptKind::legacy}) {
    Scenario s = full_scenario();
    s.prompts.kind = kind;
    s.measure.round_mode = RoundMode::barrier;
    s.measure.isolate = Isolate::run;
    const Scenario read = read_back(s);
    CHECK(read.prompts.kind == kind);
    CHECK(read.measure.round_mode == RoundMode::barrier);
    CHECK(read.measure.isolate == Isolate::run);
  }
}
