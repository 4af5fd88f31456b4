// SPDX-License-Identifier: Apache-2.0
#include "stats/ab_order.hpp"

#include <algorithm>
#include <numeric>

#include "split_mix_64.hpp"

namespace lmbench::stats {
namespace {

// Fisher and Yates, with a generator that is the same on every machine; std::shuffle's is not.
template <class Item>
void shuffle(std::vector<Item>& items, SplitMix64& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

// The rows of a cyclic Latin square of freshly named arms, and their mirror images.
std::vector<ArmOrder> make_block(std::uint32_t arms, SplitMix64& random) {
  ArmOrder row(arms);
  std::iota(row.begin(), row.end(), 0U);
  shuffle(row, random);
  std::vector<ArmOrder> block;
  for (std::uint32_t i = 0; i < arms; ++i) {
    block.push_back(row);
    block.emplace_back(row.rbegin(), row.rend());
    std::rotate(row.begin(), row.begin() + 1, row.end());
  }
  shuffle(block, random);
  return block;
}

}  // namespace

std::vector<ArmOrder> ab_orders(std::uint32_t arms, std::uint32_t rounds, std::uint64_t seed) {
  SplitMix64 random(SplitMix64::mix(seed));
  std::vector<ArmOrder> orders;
  while (orders.size() < rounds) {
    for (ArmOrder& order : make_block(arms, random)) orders.push_back(std::move(order));
  }
  return orders;
}

}  // namespace lmbench::stats
