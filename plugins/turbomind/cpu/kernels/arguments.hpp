// Arguments of the kernels. Each call is one thread's share: kernels start no threads, take no
// memory and hold no state. "Activation type": bf16 for bf16 weights, fp32 for fp16 and fp32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cpu/kernels/packed_weights.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind {

constexpr DataType activation_type(DataType weights) {
  return weights == DataType::bf16 ? DataType::bf16 : DataType::fp32;
}

enum class Epilogue {
  store,   // y = x W + bias                        y fp32
  add,     // y += x W + bias: the residual stream  y fp32
  swiglu,  // y = silu(x W_gate) * (x W_up)         y of the activation type; no bias
};

// y = x W for the columns of `range`. Strides in elements.
struct GemmArguments {
  const PackedMatrix* weights = nullptr;
  TileRange range;
  std::uint32_t rows = 0;   // M
  const void* x = nullptr;  // [M, K], activation type, no padding needed
  std::size_t x_stride = 0;
  void* y = nullptr;  // [M, N]: column 0 of the matrix, not of the range
  std::size_t y_stride = 0;
  Epilogue epilogue = Epilogue::store;
  const float* bias = nullptr;  // [N] or null
  // Weights that this thread reads afterwards, or null: a hint to fetch their beginning.
  const std::byte* next = nullptr;
};

struct NormArguments {
  const float* x = nullptr;  // [rows, columns]
  std::size_t x_stride = 0;
  const float* weight = nullptr;  // [columns]
  float epsilon = 0.0F;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  void* y = nullptr;  // [rows, columns] of y_type
  std::size_t y_stride = 0;
  DataType y_type = DataType::fp32;
};

constexpr std::uint32_t kKvPageTokens = 64;  // the scheduler's kPageTokens

// The KV pool as the kernels see it for one layer: page p of KV head k starts at
// data + p * page_bytes + k * head_bytes, where `data` already includes the layer's offset.
// There: keys [64][D], then values [64][D], elements of `type`.
struct KvLayer {
  std::byte* data = nullptr;
  std::size_t page_bytes = 0;
  DataType type = DataType::fp32;
  std::uint32_t head_dim = 0;  // D, even

  std::size_t half_bytes() const noexcept {
    return std::size_t{kKvPageTokens} * head_dim * bytes_of(type);
  }
  std::size_t head_bytes() const noexcept { return 2 * half_bytes(); }
};

// Rotates q (in place, fp32) and k, and appends k and v of one token to the cache.
struct RopeAppendArguments {
  float* qkv = nullptr;             // [(H+2K) D]: one token's row after the product
  const float* rope_row = nullptr;  // the token's position: [D/2] pairs cos, sin
  std::uint32_t heads = 0;          // H
  std::uint32_t kv_heads = 0;       // K
  const KvLayer* cache = nullptr;
  std::uint32_t page = 0;        // page id
  std::uint32_t page_token = 0;  // 0 ... 63
};

constexpr std::uint32_t kSplitTokens = 256;  // of decode attention; four pages

// One decode row, one KV head, one split of its context: a partial result per query head of the
// group. Split s covers tokens [256 s, min(256 (s+1), context)).
struct DecodeAttentionArguments {
  const float* q = nullptr;  // [group, D], rotated
  const KvLayer* cache = nullptr;
  std::uint32_t kv_head = 0;
  std::uint32_t group = 1;               // query heads per KV head
  const std::uint32_t* pages = nullptr;  // the sequence's page table, from token 0
  std::uint32_t context = 0;             // tokens to attend to, this one included
  std::uint32_t split = 0;
  float scale = 0.0F;        // 1 / sqrt(D)
  float* partial = nullptr;  // [group][D + 2]: output before division, maximum, sum
};

// Merges the partials of one row and KV head in split order.
struct MergeSplitsArguments {
  const float* partials = nullptr;  // [splits] of `partial` above, partial_stride floats apart
  std::size_t partial_stride = 0;
  std::uint32_t splits = 0;
  std::uint32_t group = 1;
  std::uint32_t head_dim = 0;
  void* y = nullptr;  // [group, D] contiguous, of y_type
  DataType y_type = DataType::fp32;
};

constexpr std::uint32_t kPrefillQueries = 64;  // most queries in one call of prefill attention

// Causal attention of a run of queries of one sequence, for one KV head: query i stands at
// position first_position + i and sees tokens 0 ... first_position + i, all in the cache.
struct PrefillAttentionArguments {
  const float* q = nullptr;  // query i, head g of the group: q + i * q_stride + g * D
  std::size_t q_stride = 0;
  std::uint32_t queries = 0;  // at most kPrefillQueries
  std::uint32_t first_position = 0;
  const KvLayer* cache = nullptr;
  std::uint32_t kv_head = 0;
  std::uint32_t group = 1;
  const std::uint32_t* pages = nullptr;
  float scale = 0.0F;
  float* scratch = nullptr;  // prefill_scratch_floats() of them, aligned to 64 bytes
  void* y = nullptr;         // the same order as q, of y_type
  std::size_t y_stride = 0;
  DataType y_type = DataType::fp32;
};

std::size_t prefill_scratch_floats(std::uint32_t head_dim, std::uint32_t group) noexcept;

}  // namespace turbomind
