// Skinny GEMM with fp32 arithmetic, for any vector type and any weights. Per tile, K is walked in
// chunks that stay in the first-level cache, so that row groups that need more registers than
// there are read the weights from memory once all the same. Each sum runs over K in order, whatever
// the number of rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/gemm_epilogue.hpp"

namespace turbomind { namespace {

constexpr std::uint32_t kChunkRows = 128;     // of K
constexpr std::size_t kPrefetchBytes = 2048;  // ahead of the reading position

// x of a row group for one chunk of K, widened; zeros beyond K.
struct alignas(64) StagedChunk {
  float row[kGroupRows][kChunkRows];
};

template <class V>
void stage_chunk(const GemmArguments& a, std::uint32_t first_row, std::uint32_t row_count,
                 std::uint32_t k, std::uint32_t chunk_rows, StagedChunk& chunk) {
  const std::uint32_t count = k < a.weights->rows ? min_of(chunk_rows, a.weights->rows - k) : 0;
  const DataType type = activation_type(a.weights->type);
  for (std::uint32_t r = 0; r < row_count; ++r) {
    const std::size_t offset = (first_row + r) * a.x_stride + k;
    widen<V>(static_cast<const std::byte*>(a.x) + offset * bytes_of(type), type, chunk.row[r],
             count);
    for (std::uint32_t i = count; i < chunk_rows; ++i) chunk.row[r][i] = 0.0F;
  }
}

// Two successive rows of K, kWidth columns from `column` on. `chunk` points at the chunk's first
// row in the tile.
template <class V, DataType type>
void load_row_pair(const std::byte* chunk, std::uint32_t pair, std::uint32_t column,
                   typename V::Float& low, typename V::Float& high) {
  const std::size_t first = std::size_t{pair} * 2 * kTileColumns;
  if constexpr (type == DataType::bf16) {
    V::load_bf16_pairs(
        reinterpret_cast<const std::uint16_t*>(chunk) + first + 2 * std::size_t{column}, low, high);
  } else {
    low = load_as<V, type>(chunk, first + column);
    high = load_as<V, type>(chunk, first + kTileColumns + column);
  }
}

// rows x vectors sums in registers, over one chunk.
template <class V, DataType type, std::uint32_t rows, std::uint32_t vectors>
void multiply_block(const std::byte* chunk, std::uint32_t pairs, std::uint32_t column,
                    const float (*x)[kChunkRows], float (*sums)[kTileColumns], bool is_first_pass) {
  using Float = typename V::Float;
  Float acc[rows][vectors];
  LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      acc[r][v] = V::load(sums[r] + column + v * V::kWidth);
    }
  }
  constexpr std::size_t kPairBytes = 2 * kTileColumns * bytes_of(type);
  for (std::uint32_t p = 0; p < pairs; ++p) {
    if (is_first_pass) {
      LMBENCH_UNROLL for (std::size_t line = 0; line < kPairBytes; line += 64) {
        __builtin_prefetch(chunk + p * kPairBytes + kPrefetchBytes + line);
      }
    }
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      Float low;
      Float high;
      load_row_pair<V, type>(chunk, p, column + v * V::kWidth, low, high);
      LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
        acc[r][v] = V::fma(V::set1(x[r][2 * p]), low, acc[r][v]);
        acc[r][v] = V::fma(V::set1(x[r][2 * p + 1]), high, acc[r][v]);
      }
    }
  }
  LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      V::store(sums[r] + column + v * V::kWidth, acc[r][v]);
    }
  }
}

// The widest block that the registers hold: a power of two of vectors.
template <class V>
constexpr std::uint32_t block_vectors(std::uint32_t rows) {
  std::uint32_t vectors = kTileColumns / V::kWidth;
  while (vectors * rows > V::kAccumulators) vectors /= 2;
  return vectors;
}

template <class V, DataType type, std::uint32_t rows>
void multiply_rows(const std::byte* chunk, std::uint32_t pairs, const float (*x)[kChunkRows],
                   float (*sums)[kTileColumns], bool is_first_pass) {
  constexpr std::uint32_t kVectors = block_vectors<V>(rows);
  for (std::uint32_t column = 0; column < kTileColumns; column += kVectors * V::kWidth) {
    multiply_block<V, type, rows, kVectors>(chunk, pairs, column, x, sums,
                                            is_first_pass && column == 0);
  }
}

// Picks the instance for a number of rows that is known only now.
template <class V, DataType type, std::uint32_t rows = V::kGemmRows>
void multiply_up_to(std::uint32_t count, const std::byte* chunk, std::uint32_t pairs,
                    const float (*x)[kChunkRows], float (*sums)[kTileColumns], bool is_first_pass) {
  if constexpr (rows > 1) {
    if (count < rows) {
      multiply_up_to<V, type, rows - 1>(count, chunk, pairs, x, sums, is_first_pass);
      return;
    }
  }
  multiply_rows<V, type, rows>(chunk, pairs, x, sums, is_first_pass);
}

template <class V, DataType type>
void multiply_tile(const GemmArguments& a, const std::byte* tile, std::uint32_t first_row,
                   std::uint32_t row_count, TileSums& sums) {
  StagedChunk staged;
  sums = TileSums{};
  const std::uint32_t padded = a.weights->padded_rows();
  for (std::uint32_t k = 0; k < padded; k += kChunkRows) {
    const std::uint32_t chunk_rows = min_of(kChunkRows, padded - k);
    stage_chunk<V>(a, first_row, row_count, k, chunk_rows, staged);
    const std::byte* const chunk = tile + std::size_t{k} * kTileColumns * bytes_of(type);
    for (std::uint32_t r = 0; r < row_count; r += V::kGemmRows) {
      multiply_up_to<V, type>(min_of(V::kGemmRows, row_count - r), chunk, chunk_rows / 2,
                              staged.row + r, sums.row + r, r == 0);
    }
  }
}

template <class V, DataType type>
void gemm_of_type(const GemmArguments& a) {
  TileSums sums;
  for (std::uint32_t t = a.range.begin; t < a.range.end; ++t) {
    for (std::uint32_t row = 0; row < a.rows; row += kGroupRows) {
      const std::uint32_t count = min_of(kGroupRows, a.rows - row);
      multiply_tile<V, type>(a, a.weights->tile(t), row, count, sums);
      finish_tile<V>(a, t, row, count, sums);
    }
  }
}

template <class V>
void generic_gemm(const GemmArguments& a) noexcept {
  switch (a.weights->type) {
    case DataType::fp32:
      return gemm_of_type<V, DataType::fp32>(a);
    case DataType::fp16:
      return gemm_of_type<V, DataType::fp16>(a);
    case DataType::bf16:
      return gemm_of_type<V, DataType::bf16>(a);
  }
}

}}  // namespace turbomind
