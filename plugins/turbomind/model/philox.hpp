// Philox4x32-10 (Salmon et al., SC'11): random numbers as a pure function of a key and a counter.
// Dummy weights and sampling draw from it, so that neither depends on order, batch or rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace turbomind {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

constexpr PhiloxKey philox_key(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)};
}

// Multipliers and key increments as published.
constexpr std::uint32_t kPhiloxM0 = 0xD2511F53U;
constexpr std::uint32_t kPhiloxM1 = 0xCD9E8D57U;
constexpr std::uint32_t kPhiloxW0 = 0x9E3779B9U;
constexpr std::uint32_t kPhiloxW1 = 0xBB67AE85U;
constexpr int kPhiloxRounds = 10;

constexpr PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kPhiloxM0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kPhiloxM1} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32U) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32U) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += kPhiloxW0;
    key[1] += kPhiloxW1;
  }
  return counter;
}

// Counters of many calls, one after the other in each of the four words: words[w][call].
template <std::size_t calls>
using PhiloxCounters = std::array<std::array<std::uint32_t, calls>, 4>;

// philox() of every call, in place. Every step is a loop over the calls, which compilers turn into
// vector code.
template <std::size_t calls>
void philox_each(PhiloxCounters<calls>& counters, PhiloxKey key) {
  auto& [c0, c1, c2, c3] = counters;
  for (int round = 0; round < kPhiloxRounds; ++round) {
    for (std::size_t i = 0; i < calls; ++i) {
      const std::uint64_t product0 = std::uint64_t{kPhiloxM0} * c0[i];
      const std::uint64_t product1 = std::uint64_t{kPhiloxM1} * c2[i];
      c0[i] = static_cast<std::uint32_t>(product1 >> 32U) ^ c1[i] ^ key[0];
      c1[i] = static_cast<std::uint32_t>(product1);
      c2[i] = static_cast<std::uint32_t>(product0 >> 32U) ^ c3[i] ^ key[1];
      c3[i] = static_cast<std::uint32_t>(product0);
    }
    key[0] += kPhiloxW0;
    key[1] += kPhiloxW1;
  }
}

}  // namespace turbomind
