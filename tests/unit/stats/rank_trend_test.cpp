// SPDX-License-Identifier: Apache-2.0
#include "stats/rank_trend.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using lmbench::stats::mann_kendall_p;

TEST_CASE("a rising series has the p of its count of pairs") {
  // n = 10 without ties: S = 45, var = 10 * 9 * 25 / 18 = 125, z = 44 / sqrt(125).
  const std::vector<double> rising = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const double p = std::erfc(44 / std::sqrt(125.0) / std::sqrt(2.0));
  CHECK(mann_kendall_p(rising) == doctest::Approx(p));
  const std::vector<double> falling(rising.rbegin(), rising.rend());
  CHECK(mann_kendall_p(falling) == doctest::Approx(p));
}

TEST_CASE("ties count for nothing and make the variance smaller") {
  // Of 1 1 2 2 3: S = 8, var = (5*4*15 - 2*1*9 - 2*1*9) / 18 = 264 / 18.
  const std::vector<double> tied = {1, 1, 2, 2, 3};
  CHECK(mann_kendall_p(tied) ==
        doctest::Approx(std::erfc(7 / std::sqrt(264.0 / 18) / std::sqrt(2.0))));
}

TEST_CASE("no trend is found where there is none, or too little") {
  CHECK(mann_kendall_p(std::vector<double>{1, 2, 3}) == 1);
  CHECK(mann_kendall_p(std::vector<double>(8, 5.0)) == 1);
  CHECK(mann_kendall_p(std::vector<double>{2, 1, 4, 3, 2.5, 3.5}) > 0.1);
}
