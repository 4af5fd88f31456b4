// Sebastiano Vigna's SplitMix64 (public domain): the same numbers from the same seed, everywhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lmbench {

class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t state) : state_(state) {}
  std::uint64_t next() noexcept { return mix(state_ += 0x9e3779b97f4a7c15U); }

  // In [0, bound), bound above 0: the upper half of a 128-bit product.
  std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{next()} * bound) >> 64U);
  }

  static constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  }
 private:
  std::uint64_t state_;
};

}  // namespace lmbench
