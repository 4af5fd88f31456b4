// "lmbench.model/1": what was loaded, or what would be. For prompts, the plan and its guards; without
// it the scenario states the vocabulary, and the guards are skipped.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lmbench/engine_abi.hpp>
namespace lmbench { inline namespace v1 {
// 0 where a figure is not known.
struct ModelInfo {
  std::uint64_t parameters;
  std::uint64_t kv_capacity_tokens;  // 0: no fixed pool
  double weight_bytes_per_step;      // of the rank that reads most, batch 1
  double kv_bytes_per_token;         // of that rank
  double read_bytes_per_s;           // expected of the device, for the plan's time; 0: unknown
  std::uint32_t vocabulary;
  std::uint32_t max_sequence_tokens;  // prompt included
  std::uint32_t max_requests;         // worked on at once
  std::uint32_t kv_block_tokens;      // the pool is handed out in blocks of so many; 0: no blocks
  TokenView special_tokens;  // BOS, EOS, pad, unknown: not for prompts; valid until destroy()
};
class IModel {
 public:
  // [control] After load(): the values in force.
  virtual Code info(ModelInfo* info, ErrorText* error) noexcept = 0;

  // [control] Before load(): what load(config, ...) would give, from headers only and touching no
  // device; what is not known then is 0. unsupported: the engine cannot tell.
  virtual Code preview(ConfigView config, ModelInfo* info, ErrorText* error) noexcept = 0;
 protected:
  ~IModel() = default;
};
static_assert(sizeof(ModelInfo) == 72, "");
}}  // namespace lmbench::v1
