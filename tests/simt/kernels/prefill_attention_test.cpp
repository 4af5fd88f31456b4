// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/prefill_attention.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "paged_context.hpp"

using namespace turbomind;
using namespace turbomind::cuda;
using namespace lmbench::test;

namespace {

// A run of rows of one sequence, as a plan has it.
struct Chunk {
  std::uint32_t slot;
  std::uint32_t first_position;
  std::uint32_t rows;
};

// Rows of the chunks one after another, with gaps of `gap` elements behind each query row.
void check_chunks(const PagedContext& context, const std::vector<Chunk>& chunks,
                  std::uint32_t gap = 0) {
  const ContextShape& shape = context.shape();
  const std::uint32_t columns = shape.heads * shape.head_dim;
  const std::uint32_t stride = columns + gap;
  std::vector<PrefillTile> tiles;
  std::uint32_t rows = 0;
  for (const Chunk& chunk : chunks) {
    for (std::uint32_t r = 0; r < chunk.rows; r += kPrefillTileRows) {
      tiles.push_back({.slot = chunk.slot,
                       .first_row = rows + r,
                       .row_count = std::min(kPrefillTileRows, chunk.rows - r),
                       .first_position = chunk.first_position + r});
    }
    rows += chunk.rows;
  }
  const Halves query = random_halves(std::size_t{rows} * stride, 1.0, shape.type, 7);
  const DeviceArray<std::uint16_t> device_query(query);
  const DeviceArray<PrefillTile> device_tiles(tiles);
  DeviceArray<std::uint16_t> output(std::size_t{rows} * columns);
  prefill_attention({.type = shape.type,
                     .query = device_query.get(),
                     .query_stride = stride,
                     .output = output.get(),
                     .kv = context.kv(),
                     .layer = PagedContext::kLayer,
                     .slots = &context.slots(),
                     .tiles = device_tiles.get(),
                     .tile_count = static_cast<std::uint32_t>(tiles.size()),
                     .heads = shape.heads,
                     .scale = context.scale()},
                    nullptr);
  const std::vector<double> found = values_of(output.host(), shape.type);
  std::uint32_t row = 0;
  for (const Chunk& chunk : chunks) {
    for (std::uint32_t r = 0; r < chunk.rows; ++r, ++row) {
      CAPTURE(row);
      const std::vector<double> own(found.begin() + row * columns,
                                    found.begin() + (row + 1) * columns);
      const std::vector<double> expected = context.attend(query.data() + std::size_t{row} * stride,
                                                          chunk.slot, chunk.first_position + r + 1);
      REQUIRE(relative_l2(own, expected) < attention_tolerance(shape.type));
    }
  }
}

}  // namespace

TEST_CASE("each row of a prompt attends to all tokens up to itself") {
  for (const DataType type : {DataType::fp16, DataType::bf16}) {
    for (const std::uint32_t length : {1U, 7U, 8U, 9U, 16U, 17U, 63U, 64U, 65U, 127U, 130U}) {
      CAPTURE(length);
      const PagedContext context({.type = type, .heads = 2, .kv_heads = 1, .head_dim = 64},
                                 {length});
      check_chunks(context, {{0, 0, length}});
    }
  }
}

TEST_CASE("chunks may begin anywhere in their sequences") {
  const PagedContext context({.heads = 4, .kv_heads = 2, .head_dim = 128}, {200, 90, 65});
  check_chunks(context, {{0, 37, 60}, {1, 64, 26}, {2, 0, 65}, {0, 199, 1}}, 256);
}

TEST_CASE("every query head may have keys of its own") {
  const PagedContext context({.type = DataType::bf16, .heads = 3, .kv_heads = 3, .head_dim = 128},
                             {70});
  check_chunks(context, {{0, 0, 70}});
}
