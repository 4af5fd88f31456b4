// Where keys and values stand in a page, and which of them a lane of the attention kernels loads: the
// two belong together, as the layout is made for the loads. All who read or write a page ask here.
//
// A row of keys or values is one or two times 128 bytes, which is the width of all banks of L1 (as far
// as L1 serves global loads as it serves shared memory: not measured). So a 16-byte chunk lies in the
// bank group that its number in the row, modulo 8, says. A warp's 16-byte loads are served in phases
// of 8 neighbouring lanes: of the lanes (g, t) = (lane / 4, lane % 4) two neighbouring g with all t.
//
//   Keys: chunks 4 * step + t of tokens 8n + g. In file order both tokens of a phase would lie in the
//   same four groups. Bit 0 of the token goes, by xor, to bit 2 of the chunk: the odd token of the two
//   has the other four.
//   Values: chunks 8 * part + g of tokens 2t + i, with i fixed. In file order the four tokens of a
//   phase would lie in the same two groups. Bits 1 and 2 of the token, which are t, go to bits 1 and 2
//   of the chunk: each token has another two.
//
// So 8 lanes have 8 groups, and 32 keys and values of 128 elements take 128 clocks of L1, not 384.
// (One order for both costs the attention kernels registers that they do not have.) A chunk stays in
// its 128 bytes, so loads touch the same lines as in file order; bit 0 of a chunk stays, so runs of 16
// elements, and with them the partners of a rotation, stay together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind::cuda {

enum class PagePart { keys, values };

// Where an element of a token stands in its row. Tokens may be counted from any multiple of 8.
constexpr std::uint32_t element_in_row(PagePart part, std::uint32_t token, std::uint32_t element) {
  const std::uint32_t moved = part == PagePart::keys ? token % 2 * 4 : token / 2 % 4 * 2;
  return element / 64 * 64 + (element % 64 ^ moved * 8);
}

// In elements from KvPages::keys_at(). head_dim is a multiple of 64.
constexpr std::uint32_t element_in_page(PagePart part, std::uint32_t token, std::uint32_t element,
                                        std::uint32_t head_dim) {
  const std::uint32_t row = part == PagePart::keys ? token : kPageTokens + token;
  return row * head_dim + element_in_row(part, token, element);
}

// Eight neighbouring elements of a token, which a lane loads at once. The token is the lane's own and
// a constant; the constant does not change the order in the row.
struct PageChunk {
  PagePart part;
  std::uint32_t lane_token;
  std::uint32_t further_tokens;
  std::uint32_t element;  // the first of them

  constexpr std::uint32_t token() const { return lane_token + further_tokens; }
};

// Keys of 8 tokens, tile n, and 32 elements, step s: the B operand of two MMAs.
constexpr PageChunk key_chunk(std::uint32_t lane, std::uint32_t n, std::uint32_t s) {
  return {PagePart::keys, lane / 4, n * 8, s * 32 + lane % 4 * 8};
}

// Load i of 4 of the values of 16 tokens, step s, and 64 elements, block b.
constexpr PageChunk value_chunk(std::uint32_t lane, std::uint32_t s, std::uint32_t b,
                                std::uint32_t i) {
  return {PagePart::values, lane % 4 * 2, s * 16 + i / 2 * 8 + i % 2, b * 64 + lane / 4 * 8};
}

}  // namespace turbomind::cuda
