// The sizes of one rank's part of a model, in elements.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cpu/kernels/arguments.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind {

struct RankShape {
  DataType type;             // of weights and KV
  DataType activation_type;  // of what goes into a matrix product
  std::uint32_t layers;
  std::uint32_t hidden;        // h
  std::uint32_t heads;         // H / T
  std::uint32_t kv_heads;      // K / T
  std::uint32_t group;         // query heads per KV head
  std::uint32_t head_dim;      // D
  std::uint32_t inter;         // I / T
  std::uint32_t vocab;         // V: tokens that exist
  std::uint32_t head_columns;  // Vpad / T: logits that a rank computes

  std::uint32_t query_columns() const noexcept { return heads * head_dim; }
  std::uint32_t qkv_columns() const noexcept { return (heads + 2 * kv_heads) * head_dim; }
};

inline RankShape rank_shape(const Architecture& model, DataType type, std::uint32_t ranks) {
  return {.type = type,
          .activation_type = activation_type(type),
          .layers = model.num_layer,
          .hidden = model.hidden_size,
          .heads = model.head_num / ranks,
          .kv_heads = model.kv_head_num / ranks,
          .group = model.head_num / model.kv_head_num,
          .head_dim = model.size_per_head,
          .inter = model.inter_size / ranks,
          .vocab = model.vocab_size,
          .head_columns = padded_vocab(model.vocab_size, ranks) / ranks};
}

}  // namespace turbomind
