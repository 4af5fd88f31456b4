// How long, how many and how much: session_len, slots, tokens of a pass and the KV pool, worked out
// from the options, the model's own defaults, the runner's hints and the memory. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "turbomind/model/open_model.hpp"

namespace turbomind {

// What the runner says about its plan. 0: nothing.
struct PlanHints {
  std::uint32_t max_requests = 0;
  std::uint32_t max_sequence_tokens = 0;
};

struct Capacity {
  std::uint32_t session_len = 0;
  std::uint32_t max_batch_size = 0;
  std::uint32_t max_context_token_num = 0;
  std::uint32_t block_tokens = 0;
  std::uint32_t block_count = 0;
  std::vector<std::string> warnings;

  std::uint64_t pool_tokens() const { return std::uint64_t{block_count} * block_tokens; }
};

struct CapacityInput {
  EngineDefaults options;       // [engine.options], 0: not given
  EngineDefaults model;         // config.ini, or the keys of a preset
  bool has_config_ini = false;  // its fallbacks differ
  PlanHints hints;
  std::uint32_t max_position_embeddings = 2048;
  bool shares_free_memory = false;  // cache_share_of = "free"
  std::uint64_t total_bytes = 0;    // of the device; 0: not known
  std::uint64_t free_bytes = 0;     // before weights; 0: not known
  std::uint64_t weight_bytes = 0;   // of all ranks on the device, as what follows
  std::uint64_t kv_bytes_per_token = 0;
  // What else is taken, by all that is decided but the number of blocks.
  std::function<std::uint64_t(const Capacity&)> workspace_bytes;
};

// Throws sdk::Error: invalid_argument or unsupported for values that cannot be, out_of_memory with
// all figures when the pool does not fit.
Capacity plan_capacity(const CapacityInput& input);

}  // namespace turbomind
