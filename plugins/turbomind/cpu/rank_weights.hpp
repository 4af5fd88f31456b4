// The weights of one rank as the kernels read them: packed tiles in the model's type, norms and
// biases as fp32. Everything lies in anonymous memory, so that no page cache can lose it, and each
// thread of the team touches first the tiles that it will read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "turbomind/cpu/anonymous_memory.hpp"
#include "turbomind/cpu/kernels/kernels.hpp"
#include "turbomind/cpu/kernels/packed_weights.hpp"
#include "turbomind/cpu/thread_team.hpp"
#include "turbomind/memory_cutter.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind {

struct LayerWeights {
  float* attention_norm = nullptr;  // [h]
  PackedMatrix w_qkv;               // [h, (H+2K)D/T]
  float* qkv_bias = nullptr;        // [(H+2K)D/T], or null
  PackedMatrix wo;                  // [HD/T, h]
  float* wo_bias = nullptr;         // [h], or null; null on all ranks but the first: added once
  float* ffn_norm = nullptr;        // [h]
  PackedMatrix gate_up;             // [h, I/T], w1 and w3 interleaved
  PackedMatrix w2;                  // [I/T, h]
};

class RankWeights {
 public:
  // Reads everything with the whole team. Throws Error: of the source, or out_of_memory.
  RankWeights(const WeightSource& source, RankSlice slice, ThreadTeam& team,
              const Kernels& kernels);

  const std::vector<LayerWeights>& layers() const noexcept { return layers_; }
  const float* norm() const noexcept { return norm_; }
  const PackedMatrix& head() const noexcept { return head_; }  // [h, Vpad/T]
  std::size_t bytes() const noexcept { return memory_.size(); }

  // One row of the embedding as fp32: [h].
  void embed(std::uint32_t token, float* row) const noexcept;
 private:
  void lay_out(MemoryCutter& cutter);
  bool has(Tensor tensor) const;
  void read_all(const WeightSource& source, ThreadTeam& team);
  void touch(std::uint32_t thread, std::uint32_t threads);
  void place(Tensor tensor, std::uint32_t layer_index, std::uint32_t first_row,
             std::uint32_t row_count, std::span<const std::byte> rows);

  const Kernels& kernels_;
  Architecture architecture_;
  DataType type_;
  RankSlice slice_;
  AnonymousMemory memory_;
  std::byte* embedding_ = nullptr;  // [V, h], or null: a tied head that is here as a whole serves
  std::vector<LayerWeights> layers_;
  float* norm_ = nullptr;
  PackedMatrix head_;
};

}  // namespace turbomind
