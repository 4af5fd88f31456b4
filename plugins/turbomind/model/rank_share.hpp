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

}  // namespace turbomind
