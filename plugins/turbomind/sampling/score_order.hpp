// The order of scores: that of the numbers, with every NaN and both zeros in a fixed place, so that
// whoever compares the same bits chooses the same token.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace turbomind {

// Ascending with the score. Both zeros are equal; a positive NaN is above everything.
constexpr std::uint32_t score_key(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

}  // namespace turbomind
