// SPDX-License-Identifier: Apache-2.0
#include "process/run_manifest.hpp"

#include <utility>

#include "process/config_hash.hpp"
#include "process/machine_facts.hpp"
#include "process/model_files.hpp"
#include "process/results_folder.hpp"
#include "version.hpp"

namespace lmbench::process {
namespace {

template <class Integer>
double number(Integer value) {
  return static_cast<double>(value);
}

// 0 is "the engine does not know" and is left out.
report::NamedNumbers known(const report::NamedNumbers& all) {
  report::NamedNumbers found;
  for (const auto& figure : all) {
    if (figure.second != 0) found.push_back(figure);
  }
  return found;
}

report::NamedNumbers named(const ModelFigures& model) {
  return known({{"parameters", number(model.parameters)},
                {"kv_capacity_tokens", number(model.kv_capacity_tokens)},
                {"weight_bytes_per_step", model.weight_bytes_per_step},
                {"kv_bytes_per_token", model.kv_bytes_per_token},
                {"read_bytes_per_s", model.read_bytes_per_s},
                {"vocabulary", number(model.vocabulary)},
                {"max_sequence_tokens", number(model.max_sequence_tokens)},
                {"max_requests", number(model.max_requests)},
                {"kv_block_tokens", number(model.kv_block_tokens)}});
}

report::NamedNumbers named(const FloorReply& floor) {
  return {{"median_ns_per_token_batch_1", floor.median_ns_per_token_batch_1},
          {"p999_ns_per_token_batch_1", floor.p999_ns_per_token_batch_1},
          {"median_ns_per_token_batch_64", floor.median_ns_per_token_batch_64}};
}

}  // namespace

report::NamedNumbers named_clock(const ClockFacts& clock) {
  return {{"read_ns", clock.read_ns},
          {"smallest_step_ns", number(clock.smallest_step_ns)},
          {"backward_steps", number(clock.backward_steps)}};
}

report::Manifest initial_manifest(const RunOrder& order, const std::optional<FloorReply>& floor,
                                  std::int64_t unix_seconds) {
  report::Manifest manifest;
  manifest.lmbench_version = version();
  manifest.source_revision = source_revision();
  manifest.measuring_version = kMeasuringVersion;
  manifest.executable = plugin::own_executable();
  manifest.command_line = order.command_line;
  manifest.begun_utc = utc_stamp(unix_seconds);
  manifest.scenario_path = order.scenario.source_path;
  manifest.scenario_toml = order.scenario.resolved_toml;
  manifest.seed = order.scenario.prompts.seed;
  manifest.machine = machine_facts();
  manifest.environment = relevant_environment();
  manifest.model_files = model_files(order.scenario.engine.options);
  if (floor) manifest.harness = named(*floor);
  return manifest;
}

void continue_manifest(const report::Manifest& earlier, report::Manifest& manifest) {
  manifest.resumes = earlier.resumes;
  manifest.resumes.push_back(
      {.command_line = std::exchange(manifest.command_line, earlier.command_line),
       .begun_utc = std::exchange(manifest.begun_utc, earlier.begun_utc),
       .ended_utc = {}});
  manifest.ended_utc = earlier.ended_utc;
  manifest.engine = earlier.engine;
}

void end_manifest(report::Manifest& manifest, std::int64_t unix_seconds) {
  std::string& ended =
      manifest.resumes.empty() ? manifest.ended_utc : manifest.resumes.back().ended_utc;
  ended = utc_stamp(unix_seconds);
}

report::EngineFacts engine_facts(const DescribeReply& description,
                                 const std::optional<LoadReply>& load) {
  report::EngineFacts facts;
  facts.path = description.path;
  facts.name = description.engine_name;
  facts.version = description.engine_version;
  facts.source_revision = description.source_revision;
  facts.toolchain = description.toolchain;
  facts.abi = std::to_string(description.abi_major) + "." + std::to_string(description.abi_minor);
  facts.capabilities = description.capabilities;
  if (description.model) facts.model = named(*description.model);
  if (!load) return facts;
  facts.load_s = load->load_s;
  facts.objects = load->objects;
  if (load->model) facts.model = named(*load->model);
  if (load->peak) {
    facts.peak =
        known({{"bytes_per_s", load->peak->bytes_per_s}, {"flops_per_s", load->peak->flops_per_s}});
    facts.peak_device = load->peak->device_name;
    facts.is_peak_measured = load->peak->is_measured;
  }
  return facts;
}

}  // namespace lmbench::process
