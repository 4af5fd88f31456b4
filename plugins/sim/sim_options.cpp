// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_options.hpp"

#include <limits>
#include <lmbench/config_reader.hpp>
#include <string>

namespace lmbench::sim {
namespace {

constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();

// The model keys of turbomind, so that every scenario runs with this engine.
void accept_model_keys(sdk::ConfigReader& reader) {
  for (const char* key : {"model", "weights", "device", "dtype"}) reader.text(key, "");
  reader.integer("tp", 1, {1, kMaxInt32});
  reader.integer("threads", 0, {0, kMaxInt32});
  reader.integer("max_context_token_num", 0, {0, kMaxInt32});
  reader.real("cache_max_entry_count", 0, {0, 1e9});
}

void read_timing(sdk::ConfigReader& reader, SimOptions& options) {
  constexpr sdk::Range<double> kMicroseconds = {0.0, 1e7};
  options.step_us = reader.real("step_us", 0.0, kMicroseconds);
  options.prefill_us_per_token = reader.real("prefill_us_per_token", 0.0, kMicroseconds);
  options.step_us_per_sequence = reader.real("step_us_per_sequence", 0.0, kMicroseconds);
  options.step_us_per_kilotoken_context =
      reader.real("step_us_per_kilotoken_context", 0.0, kMicroseconds);
  options.jitter_percent = reader.real("jitter_percent", 0.0, {0.0, 20.0});
  options.autocorrelation = reader.real("autocorrelation", 0.0, {0.0, 0.999});
  options.startup_excess_percent = reader.real("startup_excess_percent", 0.0, {0.0, 1000.0});
  options.startup_time_constant_rounds =
      reader.real("startup_time_constant_rounds", 1.0, {0.01, 1000.0});
}

void read_counts(sdk::ConfigReader& reader, SimOptions& options) {
  const auto count = [&](const char* key, std::int64_t fallback, sdk::Range<std::int64_t> range) {
    return static_cast<std::uint32_t>(reader.integer(key, fallback, range));
  };
  options.seed = static_cast<std::uint64_t>(
      reader.integer("seed", 0, {0, std::numeric_limits<std::int64_t>::max()}));
  options.tokens_per_event = count("tokens_per_event", 1, {1, 1024});
  options.max_batch_size = count("max_batch_size", 256, {1, 65536});
  options.vocab_size = count("vocab_size", 32000, {8, kMaxInt32});
  options.load_ms = count("load_ms", 0, {0, 86'400'000});
  options.fault_after_requests = count("fault_after_requests", 0, {0, kMaxInt32});
  options.fault_concurrency = count("fault_concurrency", 1, {1, 65536});
}

void read_sizes(sdk::ConfigReader& reader, SimOptions& options) {
  constexpr sdk::Range<double> kBytes = {0.0, 1e15};
  constexpr sdk::Range<double> kPerSecond = {0.0, 1e18};
  options.parameters = static_cast<std::uint64_t>(
      reader.integer("parameters", 0, {0, std::numeric_limits<std::int64_t>::max()}));
  options.weight_bytes = reader.real("weight_bytes", 0.0, kBytes);
  options.kv_bytes_per_token = reader.real("kv_bytes_per_token", 0.0, kBytes);
  options.peak_bytes_per_s = reader.real("peak_bytes_per_s", 0.0, kPerSecond);
  options.peak_flops_per_s = reader.real("peak_flops_per_s", 0.0, kPerSecond);
  options.is_peak_measured = reader.boolean("peak_is_measured", false);
}

void read_faults(sdk::ConfigReader& reader, SimOptions& options) {
  options.faults = faults_from(reader.text("fault", "none"));
  options.fault_at = static_cast<FaultAt>(
      reader.choice("fault_at", {"load", "first_token", "mid_decode", "teardown"},
                    static_cast<std::size_t>(FaultAt::mid_decode)));
  for (const Fault fault : options.faults) {
    if (can_happen(fault, options.fault_at)) continue;
    throw sdk::Error(Code::invalid_argument,
                     "the fault '" + std::string(name_of(fault)) +
                         "' cannot happen at this 'fault_at'; take first_token or mid_decode");
  }
}

}  // namespace

SimOptions read_options(ConfigView config) {
  sdk::ConfigReader reader(config);
  SimOptions options;
  read_timing(reader, options);
  read_counts(reader, options);
  read_sizes(reader, options);
  options.device_file = reader.text("device_file", "");
  read_faults(reader, options);
  accept_model_keys(reader);
  reader.finish();
  return options;
}

}  // namespace lmbench::sim
