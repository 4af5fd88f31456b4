// Skinny GEMM of bf16 rows and weights in AMX tile registers: 16 rows cost about as much as one,
// so that a step of up to 16 sequences is bound by memory. Each row of a tile register is computed
// for itself, so a row's result does not depend on the number of rows.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/gemm_epilogue.hpp"
#include "turbomind/cpu/kernels/kernel_table.hpp"
#include "turbomind/cpu/kernels/simd_avx512.hpp"

namespace turbomind {
namespace {

constexpr std::uint32_t kBlockDepth = 32;                            // K of one tile register
constexpr std::size_t kBlockBytes = kBlockDepth * kTileColumns * 2;  // of a weight tile: 4 KiB
constexpr std::size_t kPairBytes = 4 * kTileColumns;
constexpr std::size_t kPrefetchBytes = 2 * kBlockBytes;  // ahead of reading

// The operand of ldtilecfg, palette 1.
struct alignas(64) TileConfig {
  std::uint8_t palette;
  std::uint8_t start_row;
  std::uint8_t reserved[14];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};

// Registers 0-3: sums; 4: rows of x; 5 and 6: weights. The compiler sees no memory operands in the
// tile intrinsics, hence the barriers around them.
void configure(std::uint32_t row_count) {
  TileConfig config{};
  config.palette = 1;
  for (int i = 0; i < 7; ++i) {
    config.row_bytes[i] = 64;
    config.rows[i] = static_cast<std::uint8_t>(i < 5 ? row_count : 16);
  }
  _tile_loadconfig(&config);
}

void memory_barrier() { __asm__ volatile("" ::: "memory"); }

// The last rows of K, when they do not fill a block: filled up with zeros.
struct alignas(64) StagedTail {
  std::uint16_t row[kGroupRows][kBlockDepth];
};

void stage_tail(const GemmArguments& a, std::uint32_t first_row, std::uint32_t row_count,
                StagedTail& tail) {
  const std::uint32_t count = a.weights->rows % kBlockDepth;
  const auto* const x = static_cast<const std::uint16_t*>(a.x) + (a.weights->rows - count);
  tail = StagedTail{};
  for (std::uint32_t r = 0; r < row_count; ++r) {
    __builtin_memcpy(tail.row[r], x + (first_row + r) * a.x_stride, count * 2);
  }
  memory_barrier();
}

void multiply_block(const void* x, std::size_t x_stride_bytes, const std::byte* weights) {
  LMBENCH_UNROLL for (std::size_t line = 0; line < kBlockBytes; line += 64) {
    __builtin_prefetch(weights + kPrefetchBytes + line);
  }
  _tile_loadd(4, x, x_stride_bytes);
  _tile_loadd(5, weights, kPairBytes);
  _tile_dpbf16ps(0, 4, 5);
  _tile_loadd(6, weights + 64, kPairBytes);
  _tile_dpbf16ps(1, 4, 6);
  _tile_loadd(5, weights + 128, kPairBytes);
  _tile_dpbf16ps(2, 4, 5);
  _tile_loadd(6, weights + 192, kPairBytes);
  _tile_dpbf16ps(3, 4, 6);
}

void multiply_tile(const GemmArguments& a, const std::byte* tile, std::uint32_t first_row,
                   const StagedTail& tail, TileSums& sums) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  const std::uint32_t blocks = a.weights->rows / kBlockDepth;
  const auto* const x = static_cast<const std::uint16_t*>(a.x) + first_row * a.x_stride;
  for (std::uint32_t b = 0; b < blocks; ++b) {
    multiply_block(x + std::size_t{b} * kBlockDepth, 2 * a.x_stride, tile + b * kBlockBytes);
  }
  if (a.weights->rows % kBlockDepth != 0) {
    multiply_block(tail.row, sizeof tail.row[0], tile + blocks * kBlockBytes);
  }
  _tile_stored(0, &sums.row[0][0], sizeof sums.row[0]);
  _tile_stored(1, &sums.row[0][16], sizeof sums.row[0]);
  _tile_stored(2, &sums.row[0][32], sizeof sums.row[0]);
  _tile_stored(3, &sums.row[0][48], sizeof sums.row[0]);
  memory_barrier();
}

}  // namespace

void amx_gemm(const GemmArguments& a) noexcept {
  if (a.weights->type != DataType::bf16) return kAvx512Kernels.skinny_gemm(a);
  memory_barrier();
  StagedTail tail;
  TileSums sums;
  std::uint32_t configured = 0;  // rows
  for (std::uint32_t t = a.range.begin; t < a.range.end; ++t) {
    for (std::uint32_t row = 0; row < a.rows; row += kGroupRows) {
      const std::uint32_t count = min_of(kGroupRows, a.rows - row);
      if (count != configured) configure(count);
      configured = count;
      if (a.weights->rows % kBlockDepth != 0) stage_tail(a, row, count, tail);
      multiply_tile(a, a.weights->tile(t), row, tail, sums);
      finish_tile<Avx512>(a, t, row, count, sums);
    }
  }
  _tile_release();
}

}  // namespace turbomind
