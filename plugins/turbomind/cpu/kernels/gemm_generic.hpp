// Skinny GEMM with fp32 arithmetic, for any vector type and any weights. Per tile, K is walked in
// chunks that stay in the first-level cache, so that many rows of x read the weights from memory
// once; while the rows of one chunk are summed, as many at a time as the registers allow, the next
// chunk is fetched. Each sum runs over K in order, whatever the number of rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/gemm_epilogue.hpp"

namespace turbomind { namespace {

// K goes in steps of 256 bytes of a tile: one row of fp32, or two of 16 bits.
constexpr std::size_t kStepBytes = 256;
constexpr std::uint32_t kStepLines = 4;    // cache lines
constexpr std::uint32_t kChunkSteps = 64;  // 16 KiB: this chunk and the next fit into the cache
constexpr std::uint32_t kSetRows = 64;     // rows of x that use a chunk while it is in the cache

constexpr std::uint32_t rows_per_step(DataType type) { return type == DataType::fp32 ? 1 : 2; }

// Rows of x from some k on, as fp32.
struct XRows {
  const float* first;
  std::size_t stride;

  XRows from(std::uint32_t row) const { return {first + row * stride, stride}; }
};

// x of a row group for one chunk, widened and filled up with zeros beyond K.
struct alignas(64) StagedChunk {
  float row[kGroupRows][2 * kChunkSteps];
};

template <class V>
XRows stage_chunk(const GemmArguments& a, std::uint32_t first_row, std::uint32_t row_count,
                  std::uint32_t k, std::uint32_t chunk_rows, StagedChunk& staged) {
  const std::uint32_t count = k < a.weights->rows ? min_of(chunk_rows, a.weights->rows - k) : 0;
  const DataType type = activation_type(a.weights->type);
  for (std::uint32_t r = 0; r < row_count; ++r) {
    const std::size_t offset = (first_row + r) * a.x_stride + k;
    widen<V>(static_cast<const std::byte*>(a.x) + offset * bytes_of(type), type, staged.row[r],
             count);
    for (std::uint32_t i = count; i < chunk_rows; ++i) staged.row[r][i] = 0.0F;
  }
  return {staged.row[0], 2 * kChunkSteps};
}

struct Chunk {
  const std::byte* weights;
  const std::byte* ahead;  // what will be read next
  std::uint32_t steps;
};

// The blocks of a chunk take turns at fetching: each fetches some lines with every step, so that the
// memory never waits for the arithmetic. Line by line, from `at` on.
class Fetcher {
 public:
  // `blocks` blocks share the chunk.
  Fetcher(const Chunk& chunk, std::uint32_t blocks)
      : at_(chunk.ahead), lines_left_(kStepLines), blocks_left_(min_of(blocks, kStepLines)) {}

  // The next block's lines per step.
  std::uint32_t take_turn() {
    if (blocks_left_ == 0) return 0;
    const std::uint32_t lines = (lines_left_ + blocks_left_ - 1) / blocks_left_;
    lines_left_ -= lines;
    --blocks_left_;
    return lines;
  }
  void fetch(std::uint32_t lines) {
    for (std::uint32_t i = 0; i < lines; ++i, at_ += 64) __builtin_prefetch(at_);
  }
 private:
  const std::byte* at_;
  std::uint32_t lines_left_;
  std::uint32_t blocks_left_;
};

// One row of K of a step, kWidth columns from `column` on.
template <class V, DataType type, std::uint32_t row>
typename V::Float load_row(const std::byte* step, std::uint32_t column) {
  if constexpr (type == DataType::bf16) {
    typename V::Float rows[2];
    V::load_bf16_pairs(reinterpret_cast<const std::uint16_t*>(step) + 2 * std::size_t{column},
                       rows[0], rows[1]);
    return rows[row];
  } else {
    return load_as<V, type>(step, row * kTileColumns + column);
  }
}

template <class V, DataType type, std::uint32_t row, std::uint32_t rows, std::uint32_t vectors>
void add_row(const std::byte* step, std::uint32_t column, XRows x,
             typename V::Float (&acc)[rows][vectors]) {
  typename V::Float w[vectors];
  LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
    w[v] = load_row<V, type, row>(step, column + v * V::kWidth);
  }
  LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
    const typename V::Float factor = V::set1(x.first[r * x.stride + row]);
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      acc[r][v] = V::fma(factor, w[v], acc[r][v]);
    }
  }
}

// rows x vectors sums in registers, over one chunk. A function of its own, so that the registers are
// for nothing else.
template <class V, DataType type, std::uint32_t rows, std::uint32_t vectors>
[[gnu::noinline]] void multiply_block(const Chunk& chunk, std::uint32_t column, XRows x,
                                      float (*sums)[kTileColumns], Fetcher& fetcher) {
  using Float = typename V::Float;
  constexpr std::uint32_t kStepRows = rows_per_step(type);
  Float acc[rows][vectors];
  LMBENCH_UNROLL for (std::uint32_t r = 0; r < rows; ++r) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      acc[r][v] = V::load(sums[r] + column + v * V::kWidth);
    }
  }
  const std::uint32_t lines = fetcher.take_turn();
  for (std::uint32_t s = 0; s < chunk.steps; ++s) {
    fetcher.fetch(lines);
    const std::byte* const step = chunk.weights + s * kStepBytes;
    const XRows x_step{x.first + kStepRows * s, x.stride};
    add_row<V, type, 0>(step, column, x_step, acc);
    if constexpr (kStepRows == 2) add_row<V, type, 1>(step, column, x_step, acc);
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

template <class V>
constexpr std::uint32_t blocks_per_tile(std::uint32_t rows) {
  return kTileColumns / V::kWidth / block_vectors<V>(rows);
}

// Picks the instance for a number of rows that is known only now.
template <class V, DataType type, std::uint32_t rows = V::kGemmRows>
void multiply_up_to(std::uint32_t count, const Chunk& chunk, XRows x, float (*sums)[kTileColumns],
                    Fetcher& fetcher) {
  if constexpr (rows > 1) {
    if (count < rows) return multiply_up_to<V, type, rows - 1>(count, chunk, x, sums, fetcher);
  }
  constexpr std::uint32_t kVectors = block_vectors<V>(rows);
  for (std::uint32_t column = 0; column < kTileColumns; column += kVectors * V::kWidth) {
    multiply_block<V, type, rows, kVectors>(chunk, column, x, sums, fetcher);
  }
}

// All rows of a group, in runs of about the same length.
template <class V, DataType type>
void multiply_group(const Chunk& chunk, XRows x, std::uint32_t row_count, TileSums& sums,
                    bool fetches) {
  const std::uint32_t runs = (row_count + V::kGemmRows - 1) / V::kGemmRows;
  const std::uint32_t run_rows = (row_count + runs - 1) / runs;
  Fetcher fetcher(chunk, fetches ? runs * blocks_per_tile<V>(run_rows) : 0);
  for (std::uint32_t r = 0; r < row_count; r += run_rows) {
    multiply_up_to<V, type>(min_of(run_rows, row_count - r), chunk, x.from(r), sums.row + r,
                            fetcher);
  }
}

// Rows [first_row, first_row + row_count) of y, at most kSetRows; `next` is read after this tile.
template <class V, DataType type>
void multiply_tile(const GemmArguments& a, const std::byte* tile, const std::byte* next,
                   std::uint32_t first_row, std::uint32_t row_count, TileSums* sums) {
  constexpr std::uint32_t kStepRows = rows_per_step(type);
  StagedChunk staged;
  __builtin_memset(sums, 0, row_count * sizeof sums->row[0]);
  const std::uint32_t all_steps = a.weights->padded_rows() / kStepRows;
  for (std::uint32_t step = 0; step < all_steps; step += kChunkSteps) {
    const std::uint32_t steps = min_of(kChunkSteps, all_steps - step);
    const std::uint32_t k = step * kStepRows;
    const bool is_last = step + steps == all_steps;
    const std::byte* const weights = tile + step * kStepBytes;
    const Chunk chunk{weights, is_last ? next : weights + kChunkSteps * kStepBytes, steps};
    const bool is_direct =
        activation_type(type) == DataType::fp32 && k + steps * kStepRows <= a.weights->rows;
    for (std::uint32_t r = 0; r < row_count; r += kGroupRows) {
      const std::uint32_t row = first_row + r;
      const std::uint32_t count = min_of(kGroupRows, row_count - r);
      const XRows x = is_direct
                          ? XRows{static_cast<const float*>(a.x) + row * a.x_stride + k, a.x_stride}
                          : stage_chunk<V>(a, row, count, k, steps * kStepRows, staged);
      multiply_group<V, type>(chunk, x, count, sums[r / kGroupRows], r == 0);
    }
  }
}

template <class V, DataType type>
void gemm_of_type(const GemmArguments& a) {
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
      multiply_tile<V, type>(a, tile, next, row, count, sums);
      for (std::uint32_t r = 0; r < count; r += kGroupRows) {
        finish_tile<V>(a, t, row + r, min_of(kGroupRows, count - r), sums[r / kGroupRows]);
      }
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
