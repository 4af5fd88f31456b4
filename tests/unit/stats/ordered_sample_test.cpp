// SPDX-License-Identifier: Apache-2.0
#include "stats/ordered_sample.hpp"

#include <doctest/doctest.h>

#include <cmath>

using lmbench::stats::OrderedSample;

namespace {

// 1, 2, ... n, given backwards.
OrderedSample one_to(int n) {
  std::vector<OrderedSample::WeightedValue> values;
  for (int i = n; i >= 1; --i) values.emplace_back(i, 1);
  return OrderedSample(std::move(values));
}

}  // namespace

TEST_CASE("an interpolated percentile lies at (n - 1) p between its neighbours") {
  CHECK(one_to(5).interpolated(0.5) == doctest::Approx(3));
  CHECK(one_to(4).interpolated(0.5) == doctest::Approx(2.5));
  CHECK(one_to(11).interpolated(0.95) == doctest::Approx(10.5));
  CHECK(one_to(101).interpolated(0.99) == doctest::Approx(100));
  CHECK(one_to(7).interpolated(0) == 1);
  CHECK(one_to(7).interpolated(1) == 7);
  CHECK(one_to(1).interpolated(0.5) == 1);
}

TEST_CASE(
    "quantiles of a published sample are those that R gives, definition 7 of Hyndman and Fan") {
  // Miles per gallon of 32 cars, Motor Trend 1974: the mtcars data of R. quantile(mtcars$mpg) is
  // 10.400 15.425 19.200 22.800 33.900 (A. de Vries and J. Meys, R for Dummies).
  std::vector<OrderedSample::WeightedValue> values;
  for (const double mpg : {21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8,
                           16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5,
                           15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4}) {
    values.emplace_back(mpg, 1);
  }
  const OrderedSample sample(std::move(values));
  CHECK(sample.interpolated(0) == 10.4);
  CHECK(sample.interpolated(0.25) == doctest::Approx(15.425));
  CHECK(sample.interpolated(0.5) == doctest::Approx(19.2));
  CHECK(sample.interpolated(0.75) == doctest::Approx(22.8));
  CHECK(sample.interpolated(1) == 33.9);
}

TEST_CASE("the legacy percentile is element floor(p n) of the sorted sample, counted from 0") {
  CHECK(one_to(4).legacy(0.5) == 3);
  CHECK(one_to(4).legacy(0.75) == 4);
  CHECK(one_to(20).legacy(0.95) == 20);  // 0.95 * 20 is exactly 19
  CHECK(one_to(100).legacy(0.99) == 100);
  CHECK(one_to(101).legacy(0.5) == 51);
  CHECK(one_to(1).legacy(0.99) == 1);
}

TEST_CASE("a weight counts a value as often as it says") {
  const OrderedSample weighted({{9, 2}, {1, 5}, {4, 0}, {2, 3}});
  const OrderedSample written(
      {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {2, 1}, {2, 1}, {2, 1}, {9, 1}, {9, 1}});
  REQUIRE(weighted.count() == 10);
  for (std::uint64_t i = 0; i < 10; ++i) CHECK(weighted.at(i) == written.at(i));
  for (const double share : {0.0, 0.3, 0.5, 0.55, 0.75, 0.95, 0.99, 1.0}) {
    CHECK(weighted.interpolated(share) == doctest::Approx(written.interpolated(share)));
    CHECK(weighted.legacy(share) == written.legacy(share));
  }
}

TEST_CASE("percentiles of an exponential sample are those of its distribution function") {
  constexpr int kCount = 100001;
  std::vector<OrderedSample::WeightedValue> values;
  for (int i = 0; i < kCount; ++i) values.emplace_back(-std::log(1 - (i + 0.5) / kCount), 1);
  const OrderedSample sample(std::move(values));
  for (const double share : {0.5, 0.75, 0.9, 0.95, 0.99}) {
    CHECK(sample.interpolated(share) == doctest::Approx(-std::log(1 - share)).epsilon(1e-4));
  }
}
