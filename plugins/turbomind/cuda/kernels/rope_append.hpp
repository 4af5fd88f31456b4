// Rotary embedding of queries and keys, and the append of keys and values to their pages. The
// skinny product of w_qkv does all of this itself (skinny_gemm.hpp); this kernel follows the large
// product of a prefill.
//
// Row order of q and k, here and in the weights: in each run of 16 features of a head, file columns
// 16j .. 16j + 15 stand with the even ones first, then the odd ones. A file pair (2i, 2i + 1) rotates
// by position * theta^(-2i / head_dim); in this order its halves are 8 features apart. v is natural.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

// Cosine and sine of every angle: [positions][head_dim / 2] pairs of fp32, pair i of position p at
// 2 * (p * head_dim / 2 + i). Filled from fp64 on the host.
struct RopeAngles {
  const float* cos_sin;
};

struct RopeAppend {
  DataType type;
  void* qkv;         // [rows][(heads + 2 * kv.kv_heads) * head_dim]; q is rotated in place
  const void* bias;  // [(heads + 2 * kv.kv_heads) * head_dim] in the same order, or null; added
                     // in fp32 before the rotation
  KvPages kv;        // head_dim 64 or 128
  std::uint32_t layer;
  const Slots* slots;  // host pointers to the structs
  const Rows* rows;
  RopeAngles rope;
  std::uint32_t row_count;
  std::uint32_t heads;
};

// Queues one kernel. Throws Error(unsupported) for another head size or type.
void rope_append(const RopeAppend& arguments, Stream stream);

}  // namespace turbomind::cuda
