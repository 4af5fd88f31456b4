// The sizes of one rank's part of a model as the CUDA kernels see them, in elements. What a matrix
// product sums over, or writes, is padded with zeros to a multiple of kSkinnyInputs, so that any
// model fits the tiles.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/skinny_gemm.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

constexpr std::uint32_t padded(std::uint32_t elements) {
  static_assert(kSkinnyInputs == kSkinnyFeatures);
  return (elements + kSkinnyInputs - 1) / kSkinnyInputs * kSkinnyInputs;
}

struct DeviceShape {
  DataType type;  // of weights, activations and KV
  std::uint32_t layers;
  std::uint32_t hidden;  // h
  std::uint32_t hidden_stride;
  std::uint32_t heads;     // H / T
  std::uint32_t kv_heads;  // K / T
  std::uint32_t head_dim;  // D
  std::uint32_t inter;     // I / T
  std::uint32_t inter_stride;
  std::uint32_t vocab;         // V: tokens that exist
  std::uint32_t head_columns;  // Vpad / T: logits that belong to this rank
  std::uint32_t head_stride;

  std::uint32_t query_columns() const noexcept { return heads * head_dim; }
  std::uint32_t qkv_columns() const noexcept { return (heads + 2 * kv_heads) * head_dim; }
};

inline DeviceShape device_shape(const Architecture& model, DataType type, std::uint32_t ranks) {
  const std::uint32_t columns = padded_vocab(model.vocab_size, ranks) / ranks;
  return {.type = type,
          .layers = model.num_layer,
          .hidden = model.hidden_size,
          .hidden_stride = padded(model.hidden_size),
          .heads = model.head_num / ranks,
          .kv_heads = model.kv_head_num / ranks,
          .head_dim = model.size_per_head,
          .inter = model.inter_size / ranks,
          .inter_stride = padded(model.inter_size / ranks),
          .vocab = model.vocab_size,
          .head_columns = columns,
          .head_stride = padded(columns)};
}

}  // namespace turbomind::cuda
