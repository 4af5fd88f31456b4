// SPDX-License-Identifier: Apache-2.0
#include "stats/moments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "nist_strd.hpp"

using namespace lmbench::stats;
using lmbench::test::CertifiedSet;
using lmbench::test::nist_strd_univariate;

namespace {

// NIST's measure: the digits that agree, 15 at most.
double log_relative_error(double computed, double certified) {
  if (computed == certified) return 15;
  return std::min(15.0, -std::log10(std::abs(computed - certified) / std::abs(certified)));
}

}  // namespace

TEST_CASE("mean, standard deviation and autocorrelation are those that NIST certifies") {
  for (const CertifiedSet& set : nist_strd_univariate()) {
    CAPTURE(set.name);
    CHECK(log_relative_error(mean_of(set.values), set.mean) >= 14.5);
    CHECK(log_relative_error(standard_deviation_of(set.values), set.standard_deviation) >=
          set.expected_digits);
    CHECK(log_relative_error(lag_1_autocorrelation(set.values), set.lag_1_autocorrelation) >=
          set.expected_digits);
  }
}

TEST_CASE("of equal values the mean is exact, nothing spreads and nothing correlates") {
  const std::vector<double> equal(1000, 0.1);
  CHECK(mean_of(equal) == 0.1);
  CHECK(standard_deviation_of(equal) == 0);
  CHECK(lag_1_autocorrelation(equal) == 0);
}

TEST_CASE("the shortest series") {
  const std::vector<double> two{1, 3};
  CHECK(mean_of(std::span(two).first(1)) == 1);
  CHECK(mean_of(two) == 2);
  CHECK(standard_deviation_of(two) == doctest::Approx(std::sqrt(2)));
  CHECK(lag_1_autocorrelation(two) == -0.5);
  CHECK(lag_1_autocorrelation(std::span(two).first(1)) == 0);
  CHECK_THROWS_AS(mean_of({}), std::logic_error);
  CHECK_THROWS_AS(standard_deviation_of(std::span(two).first(1)), std::logic_error);
}
