// Weights of one matrix product in the one layout that all our kernels and oneDNN read: tiles of
// 64 output columns, all of K inside a tile, front to back. bf16 keeps pairs of rows together.
//   bf16:        tile [K/2][64 columns][2 rows]   (oneDNN's BA16a64b2a), K padded to 32
//   fp16, fp32:  tile [K][64 columns],                                  K padded to 16
// Padding rows and columns are zero. The memory belongs to the caller.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

constexpr std::uint32_t kTileColumns = 64;
constexpr std::size_t kTileAlignment = 64;  // bytes; storage that wants huge pages aligns to more

// Columns of tiles to work on: a thread's share of a matrix.
struct TileRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// Share `index` of `parts` of a matrix of `tiles` tiles; shares differ by one tile at most.
TileRange tile_share(std::uint32_t tiles, std::uint32_t parts, std::uint32_t index) noexcept;

// y[columns] = x[rows] W. `is_gate_up`: two matrices [rows, columns] in one; each tile holds 32
// columns of the gate (w1) and then the same 32 columns of the up projection (w3).
struct PackedMatrix {
  DataType type = DataType::fp32;
  bool is_gate_up = false;
  std::uint32_t rows = 0;     // K, in-features
  std::uint32_t columns = 0;  // N, out-features; of the gate alone if is_gate_up
  std::byte* data = nullptr;  // packed_bytes() of them, aligned to kTileAlignment

  std::uint32_t columns_per_tile() const noexcept { return is_gate_up ? 32 : kTileColumns; }
  std::uint32_t tiles() const noexcept {
    return (columns + columns_per_tile() - 1) / columns_per_tile();
  }
  std::uint32_t padded_rows() const noexcept {
    const std::uint32_t block = type == DataType::bf16 ? 32 : 16;
    return (rows + block - 1) / block * block;
  }
  std::size_t tile_bytes() const noexcept {
    return std::size_t{padded_rows()} * kTileColumns * bytes_of(type);
  }
  std::size_t packed_bytes() const noexcept { return tile_bytes() * tiles(); }
  std::byte* tile(std::uint32_t index) const noexcept { return data + tile_bytes() * index; }
};

enum class PackPart { whole, gate, up };  // gate and up: only and always if is_gate_up

// All functions below work on the tiles of `range` alone, so that each thread can first-touch and
// fill the tiles that it will read. Source elements have the type of the matrix.

// Sets the tiles to zero. Comes first: the others write no padding.
void clear_tiles(const PackedMatrix& matrix, TileRange range) noexcept;

// Rows [first_row, first_row + row_count) of a TurboMind matrix [K, N], row after row,
// `source_stride` elements apart (at least `columns`).
void pack_rows(const PackedMatrix& matrix, TileRange range, PackPart part, std::uint32_t first_row,
               std::uint32_t row_count, const std::byte* source,
               std::size_t source_stride) noexcept;

// Out-features [first_column, first_column + column_count) of a matrix stored as [N, K] (the
// head): each is one source row of K elements. Columns outside `range` are skipped.
void pack_columns(const PackedMatrix& matrix, TileRange range, std::uint32_t first_column,
                  std::uint32_t column_count, const std::byte* source,
                  std::size_t source_stride) noexcept;

// The way back: elements [first_row, first_row + row_count) of one out-feature, without gaps.
void unpack_column(const PackedMatrix& matrix, std::uint32_t column, std::uint32_t first_row,
                   std::uint32_t row_count, std::byte* target) noexcept;

}  // namespace turbomind
