// Attention of prefill rows: runs of neighbouring tokens of a sequence, each attending to all tokens
// up to itself, earlier chunks included; keys and values come from the pages, into which those of the
// rows themselves have been appended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

constexpr std::uint32_t kPrefillTileRows = 64;

// Up to kPrefillTileRows neighbouring rows of one sequence.
struct PrefillTile {
  std::uint32_t slot;
  std::uint32_t first_row;
  std::uint32_t row_count;       // 1 to kPrefillTileRows
  std::uint32_t first_position;  // of first_row in its sequence
};

struct PrefillAttention {
  DataType type;               // fp16 or bf16
  const void* query;           // row r begins at r * query_stride: [heads * head_dim], rotated
  std::uint32_t query_stride;  // elements
  void* output;                // [rows][heads * head_dim]
  KvPages kv;                  // head_dim 64 or 128
  std::uint32_t layer;
  const Slots* slots;        // host pointer to the struct
  const PrefillTile* tiles;  // device
  std::uint32_t tile_count;
  std::uint32_t heads;
  float scale;
};

// Queues one kernel. Throws Error(unsupported) for another head size or type.
void prefill_attention(const PrefillAttention& arguments, Stream stream);

}  // namespace turbomind::cuda
