// Packing, see packed_weights.hpp. Plain code: it is bound by memory, and runs once in load().
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/packed_weights.hpp"

#include <algorithm>
#include <cstring>

namespace turbomind {
namespace {

// The place of element (row, column of the tile) in a tile, in elements.
std::size_t place_of(DataType type, std::uint32_t row, std::uint32_t column) {
  if (type != DataType::bf16) return std::size_t{row} * kTileColumns + column;
  return (std::size_t{row / 2} * kTileColumns + column) * 2 + row % 2;
}

// Copies `count` elements of one source row to one row of a tile.
void copy_row(const PackedMatrix& matrix, std::uint32_t tile, std::uint32_t row,
              std::uint32_t first_column, const std::byte* source, std::uint32_t count) {
  std::byte* const target =
      matrix.tile(tile) + place_of(matrix.type, row, first_column) * bytes_of(matrix.type);
  if (matrix.type != DataType::bf16) {
    std::memcpy(target, source, std::size_t{count} * bytes_of(matrix.type));
    return;
  }
  for (std::uint32_t c = 0; c < count; ++c) {
    std::memcpy(target + std::size_t{c} * 4, source + std::size_t{c} * 2, 2);
  }
}

}  // namespace

TileRange tile_share(std::uint32_t tiles, std::uint32_t parts, std::uint32_t index) noexcept {
  const auto bound = [&](std::uint64_t i) { return static_cast<std::uint32_t>(i * tiles / parts); };
  return {bound(index), bound(std::uint64_t{index} + 1)};
}

void clear_tiles(const PackedMatrix& matrix, TileRange range) noexcept {
  std::memset(matrix.tile(range.begin), 0, matrix.tile_bytes() * (range.end - range.begin));
}

void pack_rows(const PackedMatrix& matrix, TileRange range, PackPart part, std::uint32_t first_row,
               std::uint32_t row_count, const std::byte* source,
               std::size_t source_stride) noexcept {
  const std::uint32_t width = matrix.columns_per_tile();
  const std::uint32_t offset = part == PackPart::up ? width : 0;
  const std::size_t element = bytes_of(matrix.type);
  for (std::uint32_t t = range.begin; t < range.end; ++t) {
    const std::uint32_t column = t * width;
    const std::uint32_t count = std::min(width, matrix.columns - column);
    for (std::uint32_t r = 0; r < row_count; ++r) {
      copy_row(matrix, t, first_row + r, offset, source + (r * source_stride + column) * element,
               count);
    }
  }
}

void pack_columns(const PackedMatrix& matrix, TileRange range, std::uint32_t first_column,
                  std::uint32_t column_count, const std::byte* source,
                  std::size_t source_stride) noexcept {
  const std::size_t element = bytes_of(matrix.type);
  const std::uint32_t end = std::min(first_column + column_count, range.end * kTileColumns);
  for (std::uint32_t c = std::max(first_column, range.begin * kTileColumns); c < end; ++c) {
    std::byte* const tile = matrix.tile(c / kTileColumns);
    const std::byte* const from = source + (c - first_column) * source_stride * element;
    for (std::uint32_t row = 0; row < matrix.rows; ++row) {
      std::memcpy(tile + place_of(matrix.type, row, c % kTileColumns) * element,
                  from + row * element, element);
    }
  }
}

void unpack_column(const PackedMatrix& matrix, std::uint32_t column, std::uint32_t first_row,
                   std::uint32_t row_count, std::byte* target) noexcept {
  const std::size_t element = bytes_of(matrix.type);
  const std::byte* const tile = matrix.tile(column / kTileColumns);
  for (std::uint32_t i = 0; i < row_count; ++i) {
    const std::size_t place = place_of(matrix.type, first_row + i, column % kTileColumns);
    std::memcpy(target + i * element, tile + place * element, element);
  }
}

}  // namespace turbomind
