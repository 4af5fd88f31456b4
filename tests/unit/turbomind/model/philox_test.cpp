// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/philox.hpp"

#include <doctest/doctest.h>

using turbomind::philox;
using turbomind::PhiloxCounter;

TEST_CASE("Philox gives the published vectors of Random123") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
        PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t kOnes = 0xffffffff;
  CHECK(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("many calls at once give what each gives alone") {
  const turbomind::PhiloxKey key{0xa4093822, 0x299f31d0};
  turbomind::PhiloxCounters<37> counters{};
  for (std::uint32_t i = 0; i < 37; ++i) {
    for (std::uint32_t w = 0; w < 4; ++w) counters[w][i] = 0x9e3779b9U * (4 * i + w);
  }
  const turbomind::PhiloxCounters<37> before = counters;
  turbomind::philox_each(counters, key);
  for (std::uint32_t i = 0; i < 37; ++i) {
    CHECK(PhiloxCounter{counters[0][i], counters[1][i], counters[2][i], counters[3][i]} ==
          philox({before[0][i], before[1][i], before[2][i], before[3][i]}, key));
  }
}

TEST_CASE("the seed is the key, its low word first") {
  CHECK(turbomind::philox_key(0x299f31d0a4093822ULL) ==
        turbomind::PhiloxKey{0xa4093822, 0x299f31d0});
}
