// From the fp32 sums of one tile to y: bias, residual, SwiGLU. Any vector type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/arguments.hpp"
#include "turbomind/cpu/kernels/elementwise.hpp"

namespace turbomind { namespace {

constexpr std::uint32_t kGroupRows = 16;  // rows that share one pass over a tile

// The sums of up to kGroupRows rows of one tile.
struct alignas(64) TileSums {
  float row[kGroupRows][kTileColumns];
};

// `first_row` is the row of y that sums.row[0] belongs to.
template <class V>
void finish_tile(const GemmArguments& a, std::uint32_t tile, std::uint32_t first_row,
                 std::uint32_t row_count, const TileSums& sums) {
  const std::uint32_t width = a.weights->columns_per_tile();
  const std::uint32_t column = tile * width;
  const std::uint32_t count = min_of(width, a.weights->columns - column);
  for (std::uint32_t r = 0; r < row_count; ++r) {
    const float* const sum = sums.row[r];
    const std::size_t target = (first_row + r) * a.y_stride + column;
    if (a.epilogue == Epilogue::swiglu) {
      const DataType type = activation_type(a.weights->type);
      for_elements<V>(count, [&]<class U>(U, std::size_t i) {
        store_as<U>(type, a.y, target + i,
                    silu_times<U>(U::load(sum + i), U::load(sum + width + i)));
      });
      continue;
    }
    float* const y = static_cast<float*>(a.y) + target;
    for_elements<V>(count, [&]<class U>(U, std::size_t i) {
      typename U::Float v = U::load(sum + i);
      if (a.bias != nullptr) v = v + U::load(a.bias + column + i);
      if (a.epilogue == Epilogue::add) v = v + U::load(y + i);
      U::store(y + i, v);
    });
  }
}

}}  // namespace turbomind
