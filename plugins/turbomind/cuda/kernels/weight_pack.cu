// A transposition through shared memory, in tiles of 32 x 32: both sides move runs of 64 bytes. Used
// while loading, where the strips come over PCIe.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "turbomind/cuda/kernels/simt.hpp"
#include "turbomind/cuda/kernels/weight_pack.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kTile = 32;
constexpr std::uint32_t kRowsAtOnce = 8;

struct PackParameters {
  const std::uint16_t* source;
  std::uint32_t rows;
  std::uint32_t stride;
  std::uint32_t columns;
  RowOrder order;
  std::uint16_t* target;
  std::size_t target_stride;
};

__global__ void __launch_bounds__(kTile* kRowsAtOnce) pack_kernel(PackParameters p) {
  SIMT_SHARED(std::uint16_t, tile, [kTile][kTile + 2]);  // + 2: columns fall into other banks
  const std::uint32_t first_column = blockIdx.x * kTile;
  const std::uint32_t first_row = blockIdx.y * kTile;
  for (std::uint32_t i = threadIdx.y; i < kTile; i += kRowsAtOnce) {
    const std::uint32_t row = first_row + i;
    const std::uint32_t column = first_column + threadIdx.x;
    if (row < p.rows && column < p.columns) {
      tile[i][threadIdx.x] = p.source[std::size_t{row} * p.stride + column];
    }
  }
  __syncthreads();
  for (std::uint32_t i = threadIdx.y; i < kTile; i += kRowsAtOnce) {
    const std::uint32_t column = first_column + i;
    const std::uint32_t row = first_row + threadIdx.x;
    if (row < p.rows && column < p.columns) {
      p.target[row_of_column(p.order, column) * p.target_stride + row] = tile[threadIdx.x][i];
    }
  }
}

}  // namespace

void pack_strip(const PackStrip& s, Stream stream) {
  const auto tiles = [](std::uint32_t elements) { return (elements + kTile - 1) / kTile; };
  simt::launch(
      {.grid = dim3(tiles(s.columns), tiles(s.source_rows)),
       .block = dim3(kTile, kRowsAtOnce),
       .stream = stream},
      pack_kernel,
      PackParameters{.source = static_cast<const std::uint16_t*>(s.source) + s.first_column,
                     .rows = s.source_rows,
                     .stride = s.source_stride,
                     .columns = s.columns,
                     .order = s.order,
                     .target = static_cast<std::uint16_t*>(s.target) + s.first_input,
                     .target_stride = s.target_stride});
}

}  // namespace turbomind::cuda
