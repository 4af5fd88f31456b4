// Skinny GEMM of bf16 rows and weights with vdpbf16ps, which multiplies pairs of rows of K and adds
// to fp32 sums (denormals count as zero). Up to 16 rows of x share one reading of the weights: K is
// walked in chunks that stay in the first-level cache, and while the rows of one chunk are summed, a
// few at a time as the registers allow, the next chunk is fetched.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/gemm_epilogue.hpp"
#include "turbomind/cpu/kernels/kernel_table.hpp"
#include "turbomind/cpu/kernels/simd_avx512.hpp"

namespace turbomind {
namespace {

constexpr std::uint32_t kChunkPairs = 64;  // 16 KiB: this chunk and the next fit into the cache
constexpr std::uint32_t kBlockRows = 6;    // times 4 vectors of sums fill the registers
constexpr std::uint32_t kVectors = 4;      // of 16 columns
constexpr std::size_t kPairBytes = 4 * kTileColumns;
constexpr std::uint32_t kSetRows = 64;  // that use a chunk while it is in the cache

// Rows of x from some pair of K on.
struct PairRows {
  const std::uint16_t* first;
  std::size_t stride;  // in elements

  PairRows from(std::uint32_t row) const { return {first + row * stride, stride}; }
};

// The last chunk of K, filled up with zeros.
struct alignas(64) StagedPairs {
  std::uint16_t row[kGroupRows][2 * kChunkPairs];
};

PairRows stage(const PairRows& x, std::uint32_t row_count, std::uint32_t elements,
               StagedPairs& staged) {
  for (std::uint32_t r = 0; r < row_count; ++r) {
    __builtin_memset(staged.row[r], 0, sizeof staged.row[r]);
    __builtin_memcpy(staged.row[r], x.from(r).first, elements * sizeof(std::uint16_t));
  }
  return {staged.row[0], 2 * kChunkPairs};
}

// What one block reads of the chunk to come: `lines` cache lines per pair, from `first` on.
template <std::uint32_t lines>
void prefetch_pair(const std::byte* ahead, std::uint32_t pair, std::uint32_t first) {
  LMBENCH_UNROLL for (std::uint32_t i = 0; i < lines; ++i) {
    __builtin_prefetch(ahead + pair * kPairBytes + 64 * (first + i));
  }
}

struct Chunk {
  const std::byte* weights;
  const std::byte* ahead;  // what will be read next
  std::uint32_t pairs;
};

template <std::uint32_t rows, std::uint32_t lines>
void multiply_block(const Chunk& chunk, PairRows x, float (*sums)[kTileColumns],
                    std::uint32_t first_line) {
  __m512 acc[rows][kVectors];
  LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < kVectors; ++v) {
      acc[r][v] = _mm512_load_ps(sums[r] + 16 * v);
    }
  }
  for (std::uint32_t p = 0; p < chunk.pairs; ++p) {
    prefetch_pair<lines>(chunk.ahead, p, first_line);
    __m512bh w[kVectors];
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < kVectors; ++v) {
      w[v] = reinterpret_cast<__m512bh>(_mm512_load_si512(chunk.weights + p * kPairBytes + 64 * v));
    }
    LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
      int two;
      __builtin_memcpy(&two, x.first + r * x.stride + 2 * p, sizeof two);
      const auto pair = reinterpret_cast<__m512bh>(_mm512_set1_epi32(two));
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
template <std::uint32_t lines, std::uint32_t rows = kBlockRows>
void multiply_up_to(std::uint32_t count, const Chunk& chunk, PairRows x,
                    float (*sums)[kTileColumns], std::uint32_t first_line) {
  if constexpr (rows > 1) {
    if (count < rows) return multiply_up_to<lines, rows - 1>(count, chunk, x, sums, first_line);
  }
  multiply_block<rows, lines>(chunk, x, sums, first_line);
}

// All rows of a group, in up to three blocks that share the work of fetching.
void multiply_chunk(const Chunk& chunk, PairRows x, std::uint32_t row_count, TileSums& sums) {
  if (row_count <= kBlockRows) return multiply_up_to<4>(row_count, chunk, x, sums.row, 0);
  if (row_count <= 2 * kBlockRows) {
    const std::uint32_t half = (row_count + 1) / 2;
    multiply_up_to<2>(half, chunk, x, sums.row, 0);
    return multiply_up_to<2>(row_count - half, chunk, x.from(half), sums.row + half, 2);
  }
  const std::uint32_t third = (row_count + 2) / 3;
  multiply_up_to<2>(third, chunk, x, sums.row, 0);
  multiply_up_to<1>(third, chunk, x.from(third), sums.row + third, 2);
  multiply_up_to<1>(row_count - 2 * third, chunk, x.from(2 * third), sums.row + 2 * third, 3);
}

// The same when another group has fetched already.
void multiply_chunk_again(const Chunk& chunk, PairRows x, std::uint32_t row_count, TileSums& sums) {
  const std::uint32_t blocks = (row_count + kBlockRows - 1) / kBlockRows;
  for (std::uint32_t b = 0, row = 0; b < blocks; ++b) {
    const std::uint32_t rows = (row_count - row) / (blocks - b);
    multiply_up_to<0>(rows, chunk, x.from(row), sums.row + row, 0);
    row += rows;
  }
}

void clear(TileSums& sums, std::uint32_t row_count) {
  for (std::uint32_t r = 0; r < row_count; ++r) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < kVectors; ++v) {
      _mm512_store_ps(sums.row[r] + 16 * v, _mm512_setzero_ps());
    }
  }
}

// Rows [first_row, first_row + row_count) of y, at most kSetRows; `next` is read after this tile.
void multiply_tile(const GemmArguments& a, const std::byte* tile, const std::byte* next,
                   std::uint32_t first_row, std::uint32_t row_count, TileSums* sums) {
  StagedPairs staged;
  const std::uint32_t all_pairs = a.weights->padded_rows() / 2;
  const PairRows x{static_cast<const std::uint16_t*>(a.x) + first_row * a.x_stride, a.x_stride};
  for (std::uint32_t r = 0; r < row_count; r += kGroupRows) {
    clear(sums[r / kGroupRows], min_of(kGroupRows, row_count - r));
  }
  for (std::uint32_t pair = 0; pair < all_pairs; pair += kChunkPairs) {
    const std::uint32_t pairs = min_of(kChunkPairs, all_pairs - pair);
    const bool is_last = pair + pairs == all_pairs;
    const std::byte* const weights = tile + pair * kPairBytes;
    const Chunk chunk{weights, is_last ? next : weights + kChunkPairs * kPairBytes, pairs};
    for (std::uint32_t r = 0; r < row_count; r += kGroupRows) {
      const std::uint32_t count = min_of(kGroupRows, row_count - r);
      PairRows rows{x.from(r).first + 2 * pair, x.stride};
      if (is_last && 2 * all_pairs != a.weights->rows) {
        rows = stage(rows, count, a.weights->rows - 2 * pair, staged);
      }
      const auto multiply = r == 0 ? multiply_chunk : multiply_chunk_again;
      multiply(chunk, rows, count, sums[r / kGroupRows]);
    }
  }
}

}  // namespace

void avx512_bf16_gemm(const GemmArguments& a) noexcept {
  if (a.weights->type != DataType::bf16) return kAvx512Kernels.skinny_gemm(a);
  TileSums sums[kSetRows / kGroupRows];
  const std::byte* const after_last = a.next != nullptr ? a.next : a.weights->tile(a.range.begin);
  for (std::uint32_t t = a.range.begin; t < a.range.end; ++t) {
    const std::byte* const tile = a.weights->tile(t);
    for (std::uint32_t row = 0; row < a.rows; row += kSetRows) {
      const std::uint32_t count = min_of(kSetRows, a.rows - row);
      const std::byte* next = tile;  // again, for the next rows
      if (row + count == a.rows) {
        next = t + 1 < a.range.end ? a.weights->tile(t + 1) : after_last;
      }
      multiply_tile(a, tile, next, row, count, sums);
      for (std::uint32_t r = 0; r < count; r += kGroupRows) {
        finish_tile<Avx512>(a, t, row + r, min_of(kGroupRows, count - r), sums[r / kGroupRows]);
      }
    }
  }
}

}  // namespace turbomind
