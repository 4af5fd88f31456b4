// The buffers that a pass writes, taken once for the largest pass. Matrices are row after row without
// gaps; activations are of the type that the matrix products read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turbomind/cpu/anonymous_memory.hpp"
#include "turbomind/cpu/rank_shape.hpp"
#include "turbomind/executor.hpp"
#include "turbomind/memory_cutter.hpp"

namespace turbomind {

constexpr std::uint32_t kSkinnyRows = 16;  // up to here a pass is bound by reading the weights

class Workspace {
 public:
  // What one thread has for itself.
  struct OfThread {
    std::byte* normed = nullptr;  // [kSkinnyRows, h] activations
    float* head_group = nullptr;  // [(group + 2) D]: one KV head with its queries
    float* partials = nullptr;    // [most splits][group][D + 2]
    float* prefill = nullptr;     // prefill_scratch_floats()
  };

  Workspace(const RankShape& shape, const ExecutorLimits& limits, std::uint32_t threads,
            std::uint32_t ranks);

  // What the buffers with a row per token of a pass take.
  static std::size_t bytes_per_token(const RankShape& shape) noexcept;

  std::size_t bytes() const noexcept { return memory_.size(); }
  std::uint32_t max_splits() const noexcept { return max_splits_; }

  float* residual = nullptr;       // [tokens, h]
  std::byte* normed = nullptr;     // [tokens, h] activations
  float* qkv = nullptr;            // [tokens, (H+2K)D/T]
  std::byte* attention = nullptr;  // [tokens, HD/T] activations
  std::byte* inner = nullptr;      // [tokens, I/T] activations
  float* cut_partials = nullptr;   // [threads - 1][most splits][group][D + 2]
  float* logits = nullptr;         // [slots, Vpad/T]
  float* all_logits = nullptr;     // [Vpad], of all ranks, or null on one rank
  std::vector<OfThread> threads;
 private:
  void lay_out(MemoryCutter& cutter, const RankShape& shape, const ExecutorLimits& limits,
               std::uint32_t ranks);

  std::uint32_t max_splits_;
  AnonymousMemory memory_;
};

}  // namespace turbomind
