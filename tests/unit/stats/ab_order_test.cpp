// SPDX-License-Identifier: Apache-2.0
#include "stats/ab_order.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using lmbench::stats::ab_orders;
using lmbench::stats::ArmOrder;
using lmbench::stats::block_rounds;

TEST_CASE("a block of three arms holds each of the six orders once") {
  const auto orders = ab_orders(3, 18, 1);
  REQUIRE(orders.size() == 18);
  for (std::size_t block = 0; block < 3; ++block) {
    const std::set<ArmOrder> different(orders.begin() + static_cast<std::ptrdiff_t>(6 * block),
                                       orders.begin() + static_cast<std::ptrdiff_t>(6 * block + 6));
    CHECK(different.size() == 6);
  }
}

TEST_CASE(
    "in a block each arm is at each place equally often, and before each other one half the time") {
  for (const std::uint32_t arms : {2U, 3U, 4U, 5U, 8U}) {
    CAPTURE(arms);
    const auto orders = ab_orders(arms, 1, 7);
    REQUIRE(orders.size() == block_rounds(arms));
    std::map<std::pair<std::uint32_t, std::size_t>, int> at;
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> before;
    for (const ArmOrder& order : orders) {
      for (std::size_t place = 0; place < arms; ++place) {
        ++at[{order[place], place}];
        for (std::size_t later = place + 1; later < arms; ++later) {
          ++before[{order[place], order[later]}];
        }
      }
    }
    CHECK(at.size() == arms * arms);
    for (const auto& [key, count] : at) CHECK(count == 2);
    for (const auto& [key, count] : before) CHECK(count == static_cast<int>(arms));
  }
}

TEST_CASE("rounds are filled up to whole blocks") {
  CHECK(ab_orders(3, 0, 1).empty());
  CHECK(ab_orders(3, 1, 1).size() == 6);
  CHECK(ab_orders(3, 13, 1).size() == 18);
  CHECK(ab_orders(4, 18, 1).size() == 24);
}

TEST_CASE("a seed gives one order, and another seed another one") {
  CHECK(ab_orders(3, 18, 5) == ab_orders(3, 18, 5));
  CHECK(ab_orders(3, 18, 5) != ab_orders(3, 18, 6));
  // Which order comes first is as good as even: of 600 seeds each of six within four deviations.
  std::map<ArmOrder, int> first;
  for (std::uint64_t seed = 0; seed < 600; ++seed) ++first[ab_orders(3, 1, seed).front()];
  for (const auto& [order, count] : first) {
    CHECK(count > 100 - 37);
    CHECK(count < 100 + 37);
  }
}
