// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/page_layout.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace turbomind;
using namespace turbomind::cuda;

namespace {

// 16-byte bank groups that each 8 lanes of a warp touch; chunk_of(lane) is what the lane loads.
template <class ChunkOf>
void check_phases(std::uint32_t head_dim, const ChunkOf& chunk_of) {
  for (std::uint32_t phase = 0; phase < 4; ++phase) {
    std::set<std::uint32_t> groups;
    for (std::uint32_t lane = phase * 8; lane < phase * 8 + 8; ++lane) {
      const PageChunk chunk = chunk_of(lane);
      const std::uint32_t bytes =
          2 * element_in_page(chunk.part, chunk.token(), chunk.element, head_dim);
      REQUIRE(bytes % 16 == 0);
      groups.insert(bytes / 16 % 8);
    }
    CHECK(groups.size() == 8);
  }
}

}  // namespace

TEST_CASE("the lanes that are served together load from different banks") {
  for (const std::uint32_t head_dim : {64U, 128U}) {
    for (std::uint32_t n = 0; n < kPageTokens / 8; ++n) {
      for (std::uint32_t s = 0; s < head_dim / 32; ++s) {
        check_phases(head_dim, [&](std::uint32_t lane) { return key_chunk(lane, n, s); });
      }
    }
    for (std::uint32_t s = 0; s < kPageTokens / 16; ++s) {
      for (std::uint32_t b = 0; b < head_dim / 64; ++b) {
        for (std::uint32_t i = 0; i < 4; ++i) {
          check_phases(head_dim, [&](std::uint32_t lane) { return value_chunk(lane, s, b, i); });
        }
      }
    }
  }
}

TEST_CASE("the loads of a warp are all of a page, each chunk once") {
  for (const std::uint32_t head_dim : {64U, 128U}) {
    std::vector<int> loads(2 * kPageTokens * head_dim / 8, 0);
    const auto count = [&](const PageChunk& chunk) {
      CHECK(element_in_row(chunk.part, chunk.lane_token, chunk.element) ==
            element_in_row(chunk.part, chunk.token(), chunk.element));
      ++loads.at(element_in_page(chunk.part, chunk.token(), chunk.element, head_dim) / 8);
    };
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      for (std::uint32_t n = 0; n < kPageTokens / 8; ++n) {
        for (std::uint32_t s = 0; s < head_dim / 32; ++s) count(key_chunk(lane, n, s));
      }
      for (std::uint32_t s = 0; s < kPageTokens / 16; ++s) {
        for (std::uint32_t b = 0; b < head_dim / 64; ++b) {
          for (std::uint32_t i = 0; i < 4; ++i) count(value_chunk(lane, s, b, i));
        }
      }
    }
    CHECK(loads == std::vector<int>(loads.size(), 1));
  }
}

TEST_CASE("an element keeps its place in 128 bytes of its row, and runs of 16 stay whole") {
  constexpr std::uint32_t kHeadDim = 128;
  for (const PagePart part : {PagePart::keys, PagePart::values}) {
    std::set<std::uint32_t> places;
    for (std::uint32_t token = 0; token < kPageTokens; ++token) {
      const std::uint32_t row = (part == PagePart::keys ? token : kPageTokens + token) * kHeadDim;
      for (std::uint32_t element = 0; element < kHeadDim; ++element) {
        const std::uint32_t place = element_in_page(part, token, element, kHeadDim);
        places.insert(place);
        CHECK(place / 64 == (row + element) / 64);
        CHECK(place - element_in_page(part, token, element / 16 * 16, kHeadDim) == element % 16);
      }
    }
    CHECK(places.size() == kPageTokens * kHeadDim);
  }
}
