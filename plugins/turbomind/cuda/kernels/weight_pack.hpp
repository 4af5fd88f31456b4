// Weights from the order of the files, y = x W with W as [in, out], to that of the kernels: [out, in]
// rows without gaps, rows reordered so that partners of an epilogue stand 8 rows apart, and padded
// with zeros.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

// Where file column c goes.
enum class RowOrder {
  natural,  // row c
  rotary,   // 16 * (c / 16) + c % 2 * 8 + c % 16 / 2: even ones first, then odd ones
  gate,     // 16 * (c / 8) + c % 8
  up,       // 16 * (c / 8) + 8 + c % 8
};

constexpr std::uint32_t row_of_column(RowOrder order, std::uint32_t column) {
  switch (order) {
    case RowOrder::natural:
      return column;
    case RowOrder::rotary:
      return column / 16 * 16 + column % 2 * 8 + column % 16 / 2;
    case RowOrder::gate:
      return column / 8 * 16 + column % 8;
    case RowOrder::up:
      return column / 8 * 16 + 8 + column % 8;
  }
  return column;
}

// Elements are 16 bits wide, of whatever type.
struct PackStrip {
  const void* source;         // [source_rows][source_stride] rows of the file's matrix, device
  std::uint32_t source_rows;  // inputs k of this strip
  std::uint32_t source_stride;
  std::uint32_t first_column;  // of the source: columns first_column .. + columns
  std::uint32_t columns;
  RowOrder order;               // of column - first_column; rotary: columns % 16 == 0
  void* target;                 // [..][target_stride], at the row of column first_column
  std::uint32_t target_stride;  // K padded
  std::uint32_t first_input;    // the strip's first k: its place in a target row
};

// Queues one kernel: target[row_of_column(order, c)][first_input + r] = source[r][first_column + c].
// Padding is the caller's: it clears the target before.
void pack_strip(const PackStrip& strip, Stream stream);

}  // namespace turbomind::cuda
