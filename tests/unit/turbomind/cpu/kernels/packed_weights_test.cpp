// The layout of packed weights, element by element.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "packed_problem.hpp"

namespace turbomind::test { namespace {

constexpr std::uint32_t kRows = 37;
constexpr std::uint32_t kColumns = 100;

// Distinct 16-bit patterns: row and column of the source element.
std::vector<std::uint16_t> pattern(bool is_transposed) {
  std::vector<std::uint16_t> values(kRows * kColumns);
  for (std::uint32_t r = 0; r < kRows; ++r) {
    for (std::uint32_t c = 0; c < kColumns; ++c) {
      values[is_transposed ? c * kRows + r : r * kColumns + c] =
          static_cast<std::uint16_t>(1 + r * kColumns + c);
    }
  }
  return values;
}

void check_layout(const PackedMatrix& matrix) {
  const auto* const packed = reinterpret_cast<const std::uint16_t*>(matrix.data);
  const std::uint32_t depth = matrix.padded_rows();
  for (std::uint32_t r = 0; r < depth; ++r) {
    for (std::uint32_t c = 0; c < matrix.tiles() * 64; ++c) {
      const bool is_bf16 = matrix.type == DataType::bf16;
      const std::size_t tile = std::size_t{c / 64} * depth * 64;
      const std::size_t place =
          is_bf16 ? tile + (r / 2 * 64 + c % 64) * 2 + r % 2 : tile + r * 64 + c % 64;
      const bool is_padding = r >= kRows || c >= kColumns;
      REQUIRE(packed[place] == (is_padding ? 0 : 1 + r * kColumns + c));
    }
  }
}

TEST_CASE("packed weights have oneDNN's blocked order and zero padding, from rows or columns") {
  for (const DataType type : {DataType::bf16, DataType::fp16}) {
    for (const bool is_transposed : {false, true}) {
      PackedMatrix matrix{
          .type = type, .is_gate_up = false, .rows = kRows, .columns = kColumns, .data = nullptr};
      std::vector<std::byte> storage(matrix.packed_bytes(), std::byte{0xff});
      matrix.data = storage.data();
      const std::vector<std::uint16_t> source = pattern(is_transposed);
      const auto* const bytes = reinterpret_cast<const std::byte*>(source.data());
      for (std::uint32_t tile = 0; tile < matrix.tiles(); ++tile) {
        const TileRange range{tile, tile + 1};
        clear_tiles(matrix, range);
        if (is_transposed) {  // in two runs, as a loader would
          pack_columns(matrix, range, 0, 70, bytes, kRows);
          pack_columns(matrix, range, 70, 30, bytes + 70 * kRows * 2, kRows);
        } else {
          pack_rows(matrix, range, PackPart::whole, 0, 9, bytes, kColumns);
          pack_rows(matrix, range, PackPart::whole, 9, 28, bytes + 9 * kColumns * 2, kColumns);
        }
      }
      check_layout(matrix);
    }
  }
}

TEST_CASE("the shares of a team cover all tiles once") {
  for (const std::uint32_t tiles : {1U, 2U, 7U, 500U}) {
    for (const std::uint32_t parts : {1U, 2U, 3U, 8U}) {
      std::uint32_t next = 0;
      for (std::uint32_t i = 0; i < parts; ++i) {
        const TileRange share = tile_share(tiles, parts, i);
        CHECK(share.begin == next);
        CHECK(share.end - share.begin <= tiles / parts + 1);
        next = share.end;
      }
      CHECK(next == tiles);
    }
  }
}

TEST_CASE("the portable kernels are always there, and a name that is none is refused") {
  CHECK(supported_isas().front() == Isa::portable);
  const char* const before = std::getenv("LMBENCH_TURBOMIND_ISA");
  const std::string saved = before == nullptr ? "" : before;
  setenv("LMBENCH_TURBOMIND_ISA", "portable", 1);
  CHECK(best_isa() == Isa::portable);
  setenv("LMBENCH_TURBOMIND_ISA", "sse9", 1);
  CHECK_THROWS_WITH_AS(best_isa(), doctest::Contains("sse9"), std::runtime_error);
  setenv("LMBENCH_TURBOMIND_ISA", saved.c_str(), 1);
}

}}  // namespace turbomind::test
