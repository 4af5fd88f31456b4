// Which part of an unsplit tensor a tensor-parallel rank has: rows from first_row on, and up to
// three runs of columns (q, k and v of w_qkv).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "turbomind/model/weight_source.hpp"

namespace turbomind {

struct ColumnRun {
  std::uint64_t first = 0;  // in the unsplit tensor
  std::uint64_t count = 0;
};

struct RankShare {
  std::uint64_t unsplit_rows = 0;  // embedding and head: Vpad
  std::uint64_t unsplit_columns = 0;
  std::uint64_t first_row = 0;
  std::array<ColumnRun, 3> runs{};
  std::uint32_t run_count = 1;

  std::span<const ColumnRun> columns() const { return {runs.data(), run_count}; }
};

RankShare share_of(Tensor tensor, const Architecture& architecture, RankSlice slice);

// "layers.3.attention.w_qkv.weight", without the rank that file names have.
std::string name_of(Tensor tensor, std::uint32_t layer);

// Whether the tensor exists once per layer, and once per rank.
bool is_of_layer(Tensor tensor);
bool is_of_rank(Tensor tensor);

// All tensors that the architecture has, in the order in which a forward pass needs them.
template <class Visit>
void for_each_tensor(const Architecture& architecture, Visit visit) {
  visit(Tensor::tok_embeddings, 0U);
  for (std::uint32_t layer = 0; layer < architecture.num_layer; ++layer) {
    visit(Tensor::attention_norm, layer);
    visit(Tensor::w_qkv, layer);
    if (architecture.has_qkv_bias) visit(Tensor::w_qkv_bias, layer);
    visit(Tensor::wo, layer);
    if (architecture.has_o_bias) visit(Tensor::wo_bias, layer);
    visit(Tensor::ffn_norm, layer);
    visit(Tensor::w1, layer);
    visit(Tensor::w3, layer);
    visit(Tensor::w2, layer);
  }
  visit(Tensor::norm, 0U);
  visit(Tensor::output, 0U);
}

}  // namespace turbomind
