// SPDX-License-Identifier: Apache-2.0
#include "process/config_hash.hpp"

#include <filesystem>

#include "scenario/scenario_writer.hpp"
#include "sha256.hpp"

namespace lmbench::process {
namespace {

// The scenario of this case alone, without what does not change a figure.
std::string scenario_text(scenario::Scenario s, const scenario::Case& c) {
  s.name.clear();
  s.engine.plugin.clear();  // its files say it better
  s.matrix = {
      .concurrency = {c.concurrency},
      .lengths = {{.prompt_tokens = c.prompt_tokens, .completion_tokens = c.completion_tokens}}};
  const scenario::Measure defaults;
  s.measure.case_timeout_s = defaults.case_timeout_s;
  s.measure.stall_timeout_s = defaults.stall_timeout_s;
  s.measure.load_stall_timeout_s = defaults.load_stall_timeout_s;
  s.measure.strict = defaults.strict;
  // Limits of what is fixed limit nothing.
  if (s.measure.warmup_rounds) s.measure.warmup_limits = defaults.warmup_limits;
  if (s.measure.test_rounds) s.measure.test_limits = defaults.test_limits;
  s.telemetry = {};
  s.output = {};
  return scenario::toml_text(s);
}

}  // namespace

std::string config_hash(const scenario::Scenario& scenario, const scenario::Case& plan_case,
                        std::span<const plugin::MappedObject> engine,
                        std::span<const report::ModelFile> model) {
  std::string text = "lmbench measuring version " + std::to_string(kMeasuringVersion) + "\n";
  text += scenario_text(scenario, plan_case);
  for (const plugin::MappedObject& object : engine) {
    text += "engine file " + std::filesystem::path(object.path).filename().string() + " " +
            object.sha256 + " " + object.build_id + "\n";
  }
  for (const report::ModelFile& file : model) {
    text += "model file " + file.path + " " + std::to_string(file.bytes) + "\n";
  }
  Sha256 sum;
  sum.update(text);
  return sum.hex_digest();
}

}  // namespace lmbench::process
