// The matrix product of decode: Y[M, N] = X[M, K] W[N, K]^T for M up to 64 rows of activations. It
// streams the weights once, in row-major order, from 16-byte loads straight into tensor-core
// fragments, and ends in the epilogue that the next kernel needs. A row's bits do not depend on M.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/cuda/kernels/rope_append.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

constexpr std::uint32_t kSkinnyMaxRows = 64;
constexpr std::uint32_t kSkinnyInputs = 32;    // K is a multiple of it
constexpr std::uint32_t kSkinnyFeatures = 32;  // N is a multiple of it

struct SkinnyProduct {
  DataType type;           // fp16 or bf16
  const void* x;           // [rows][inputs]
  const void* weights;     // [features][inputs]
  std::uint32_t rows;      // 1 to kSkinnyMaxRows
  std::uint32_t inputs;    // K
  std::uint32_t features;  // N
};

// y = the sums in fp32: [rows][features].
void skinny_logits(const SkinnyProduct& product, float* y, Queue queue);

// residual = round(residual * keeps_residual + sums + bias): [rows][features] in the model's type,
// added in fp32. bias may be null. A rank other than the first does not keep the residual, as the
// all-reduce would add it again.
struct AddToResidual {
  void* residual;
  const void* bias;
  bool keeps_residual;
};
void skinny_add(const SkinnyProduct& product, const AddToResidual& target, Queue queue);

// y = silu(gate) * up: [rows][features / 2]; rows of the weights as RowOrder::gate and up.
void skinny_swiglu(const SkinnyProduct& product, void* y, Queue queue);

// Bias, rotation and append: q to query [rows][heads * head_dim], k and v to their pages; rows of the
// weights as rope_append.hpp says.
struct QkvTarget {
  void* query;
  const void* bias;  // [features] or null
  KvPages kv;
  std::uint32_t layer;
  const Slots* slots;  // host pointers to the structs
  const Rows* rows;
  RopeAngles rope;
  std::uint32_t heads;
};
void skinny_qkv(const SkinnyProduct& product, const QkvTarget& target, Queue queue);

}  // namespace turbomind::cuda
