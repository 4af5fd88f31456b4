// Attention of decode rows: one new token per row, which attends to all tokens of its sequence up to
// itself, keys and values read from the pages. Flash decoding: the context is cut into splits of
// kSplitTokens, whatever the batch, so that a row's bits do not depend on the rows beside it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

constexpr std::uint32_t kDecodeSplitTokens = 256;

struct DecodeAttention {
  DataType type;  // fp16 or bf16: of queries, pages and output
  const void*
      query;  // row r begins at r * query_stride: [heads * head_dim], rotated, elements of q
              // and k in the same order
  std::uint32_t query_stride;  // elements
  void* output;                // [rows][heads * head_dim], in the order of the values
  KvPages kv;                  // head_dim 64 or 128
  std::uint32_t layer;
  const Slots* slots;  // host pointers to the structs, whose members point to device memory
  const Rows* rows;    // a row's context is position + 1
  std::uint32_t row_count;
  std::uint32_t heads;  // query heads; heads / kv.kv_heads is the group, any size
  float scale;          // of the scores: 1 / sqrt(head_dim)
  std::uint32_t
      max_context;         // splits that the grid covers; those beyond a row's context end at once
  float* partials;         // decode_partial_elements() floats
  std::uint32_t* tickets;  // [rows][heads], zero before the first launch and after each
};

// Room for the partial results of up to `rows` rows, in floats.
std::size_t decode_partial_elements(std::uint32_t rows, std::uint32_t heads, std::uint32_t head_dim,
                                    std::uint32_t max_context);

// Whether decode_attention() and prefill_attention() are compiled for this head size.
bool has_attention_kernel(std::uint32_t head_dim);

// Queues one kernel. Throws Error(unsupported) for another head size or type.
void decode_attention(const DecodeAttention& arguments, Queue queue);

}  // namespace turbomind::cuda
