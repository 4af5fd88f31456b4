// Skinny GEMM of bf16 rows and weights with vdpbf16ps, which multiplies pairs of rows of K and adds
// to fp32 sums (denormals count as zero).
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/gemm_epilogue.hpp"
#include "turbomind/cpu/kernels/kernel_table.hpp"
#include "turbomind/cpu/kernels/simd_avx512.hpp"

namespace turbomind {
namespace {

constexpr std::uint32_t kChunkPairs = 64;  // 16 KiB of a tile: stays in the first-level cache
constexpr std::uint32_t kBlockRows = 6;    // times 4 vectors of sums fill the registers
constexpr std::uint32_t kVectors = 4;      // of 16 columns
constexpr std::size_t kPairBytes = 4 * kTileColumns;
constexpr std::size_t kPrefetchBytes = 4096;  // ahead of the reading position

// Pairs of x of a row group for one chunk of K; zeros beyond K.
struct alignas(64) StagedPairs {
  std::uint32_t row[kGroupRows][kChunkPairs];
};

void stage_pairs(const GemmArguments& a, std::uint32_t first_row, std::uint32_t row_count,
                 std::uint32_t k, std::uint32_t pairs, StagedPairs& staged) {
  const std::uint32_t count = k < a.weights->rows ? min_of(2 * pairs, a.weights->rows - k) : 0;
  const auto* const x = static_cast<const std::uint16_t*>(a.x);
  for (std::uint32_t r = 0; r < row_count; ++r) {
    if (count < 2 * pairs) __builtin_memset(staged.row[r], 0, pairs * sizeof(std::uint32_t));
    __builtin_memcpy(staged.row[r], x + (first_row + r) * a.x_stride + k,
                     count * sizeof(std::uint16_t));
  }
}

template <std::uint32_t rows>
void multiply_block(const std::byte* chunk, std::uint32_t pairs,
                    const std::uint32_t (*x)[kChunkPairs], float (*sums)[kTileColumns],
                    bool is_first_pass) {
  __m512 acc[rows][kVectors];
  LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < kVectors; ++v) {
      acc[r][v] = _mm512_load_ps(sums[r] + 16 * v);
    }
  }
  for (std::uint32_t p = 0; p < pairs; ++p) {
    const std::byte* const weights = chunk + p * kPairBytes;
    __m512bh w[kVectors];
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < kVectors; ++v) {
      if (is_first_pass) __builtin_prefetch(weights + kPrefetchBytes + 64 * v);
      w[v] = reinterpret_cast<__m512bh>(_mm512_load_si512(weights + 64 * v));
    }
    LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
      const auto pair = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(x[r][p])));
      LMBENCH_UNROLL for (std::uint32_t v = 0; v < kVectors; ++v) {
        acc[r][v] = _mm512_dpbf16_ps(acc[r][v], w[v], pair);
      }
    }
  }
  LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < kVectors; ++v) {
      _mm512_store_ps(sums[r] + 16 * v, acc[r][v]);
    }
  }
}

// Picks the instance for a number of rows that is known only now.
template <std::uint32_t rows = kBlockRows>
void multiply_up_to(std::uint32_t count, const std::byte* chunk, std::uint32_t pairs,
                    const std::uint32_t (*x)[kChunkPairs], float (*sums)[kTileColumns],
                    bool is_first_pass) {
  if constexpr (rows > 1) {
    if (count < rows) {
      return multiply_up_to<rows - 1>(count, chunk, pairs, x, sums, is_first_pass);
    }
  }
  multiply_block<rows>(chunk, pairs, x, sums, is_first_pass);
}

void multiply_tile(const GemmArguments& a, const std::byte* tile, std::uint32_t first_row,
                   std::uint32_t row_count, TileSums& sums) {
  StagedPairs staged;
  sums = TileSums{};
  const std::uint32_t all_pairs = a.weights->padded_rows() / 2;
  for (std::uint32_t pair = 0; pair < all_pairs; pair += kChunkPairs) {
    const std::uint32_t pairs = min_of(kChunkPairs, all_pairs - pair);
    stage_pairs(a, first_row, row_count, 2 * pair, pairs, staged);
    for (std::uint32_t r = 0; r < row_count; r += kBlockRows) {
      multiply_up_to(min_of(kBlockRows, row_count - r), tile + pair * kPairBytes, pairs,
                     staged.row + r, sums.row + r, r == 0);
    }
  }
}

}  // namespace

void avx512_bf16_gemm(const GemmArguments& a) noexcept {
  if (a.weights->type != DataType::bf16) return kAvx512Kernels.skinny_gemm(a);
  TileSums sums;
  for (std::uint32_t t = a.range.begin; t < a.range.end; ++t) {
    for (std::uint32_t row = 0; row < a.rows; row += kGroupRows) {
      const std::uint32_t count = min_of(kGroupRows, a.rows - row);
      multiply_tile(a, a.weights->tile(t), row, count, sums);
      finish_tile<Avx512>(a, t, row, count, sums);
    }
  }
}

}  // namespace turbomind
