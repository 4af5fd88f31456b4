// CUDA's functions of numbers and bits, and the loads that have a name of their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "kernel_language.hpp"

using std::max;
using std::min;

inline float rsqrtf(float x) { return 1.0F / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }
inline float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }

// Four bytes picked from the eight of b and a by the low three bits of the selector's nibbles.
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selector) {
  const std::uint64_t both = std::uint64_t{b} << 32U | a;
  unsigned result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned byte = selector >> (4 * i) & 7U;
    result |= static_cast<unsigned>(both >> (8 * byte) & 0xFFU) << (8 * i);
  }
  return result;
}

template <class T>
T __ldcg(const T* source) {
  return *source;
}

namespace simt {

struct StreamPolicy {};
inline StreamPolicy stream_policy() { return {}; }
inline uint4 load_streamed(const uint4* source, StreamPolicy /*policy*/) { return *source; }

inline void pdl_trigger() {}
inline void pdl_wait() {}

}  // namespace simt
