// What the sim engine's script is made of: the keys of [engine.options], with their defaults.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <string>
#include <vector>

#include "sim/sim_fault.hpp"

namespace lmbench::sim {

struct SimOptions {
  // A step prefills what was admitted and makes one token of each sequence. Its length:
  double step_us = 0.0;                        // base
  double prefill_us_per_token = 0.0;           // + for each prompt token of a new sequence
  double step_us_per_sequence = 0.0;           // + for each sequence in the batch
  double step_us_per_kilotoken_context = 0.0;  // + for each 1000 tokens of context in the batch
  double jitter_percent = 0.0;                 // standard deviation of a factor on it
  double autocorrelation = 0.0;                // of that factor, from one step to the next
  double startup_excess_percent = 0.0;         // slower in the first round, decaying
  double startup_time_constant_rounds = 1.0;
  std::uint64_t seed = 0;
  std::uint32_t tokens_per_event = 1;
  std::uint32_t max_batch_size = 256;  // sequences in a step; later requests wait
  std::uint32_t vocab_size = 32000;
  std::uint32_t load_ms = 0;
  std::string device_file;  // empty: none

  // What it says of its model and device; 0: not known. Its timing has nothing to do with them.
  std::uint64_t parameters = 0;
  double weight_bytes = 0.0;        // read in a step
  double kv_bytes_per_token = 0.0;  // kept and read
  double peak_bytes_per_s = 0.0;
  double peak_flops_per_s = 0.0;
  bool is_peak_measured = false;

  // The struck request is the first one, since load() or reset(), that comes after so many others
  // and brings the number in flight to at least fault_concurrency. Of several faults the first
  // strikes a batch of exactly so many, the second one of one more, and so on.
  std::vector<Fault> faults;
  FaultAt fault_at = FaultAt::mid_decode;
  std::uint32_t fault_after_requests = 0;
  std::uint32_t fault_concurrency = 1;
};

// Throws sdk::Error(invalid_argument) for an unknown key, a wrong type, a value out of range, or a
// fault that cannot happen at its place.
SimOptions read_options(ConfigView config);

}  // namespace lmbench::sim
