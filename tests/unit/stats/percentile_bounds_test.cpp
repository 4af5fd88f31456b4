// SPDX-License-Identifier: Apache-2.0
#include "stats/percentile_bounds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "stats/distribution.hpp"

using namespace lmbench::stats;

namespace {

constexpr double kUs = 1000;

OrderedSample ordered(const std::vector<double>& values) {
  std::vector<OrderedSample::WeightedValue> weighted;
  for (const double value : values) weighted.emplace_back(value, 1);
  return OrderedSample(std::move(weighted));
}

// Stationary: each value has standard deviation 1 us and mean 0.
std::vector<double> autoregressive(std::size_t n, double rho, std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> values;
  double state = normal(random);
  for (std::size_t i = 0; i < n; ++i) {
    values.push_back(kUs * state);
    state = rho * state + std::sqrt(1 - rho * rho) * normal(random);
  }
  return values;
}

double true_percentile(double share) { return kUs * quantile(boost::math::normal(0, 1), share); }

bool holds(const PercentileBounds& bounds, double value) {
  return bounds.low.value_or(-HUGE_VAL) <= value && value <= bounds.high.value_or(HUGE_VAL);
}

// Of so many tries with this chance, as few as only one test in a thousand sees.
double fewest(int tries, double chance) {
  return quantile(boost::math::binomial(tries, chance), 0.001);
}

double most(int tries, double chance) { return tries - fewest(tries, 1 - chance); }

std::vector<Observation> one_per_stamp(const std::vector<double>& values) {
  std::vector<Observation> made;
  for (std::size_t i = 0; i < values.size(); ++i) made.push_back({values[i], i + 1, 0, 1});
  return made;
}

}  // namespace

TEST_CASE("the ranks around a median are those of Nair's table") {
  // K. R. Nair, Table of confidence interval for the median in samples from any continuous
  // population, Sankhya 4 (1940): for 6 to 65 values, number k from below and from above.
  constexpr std::array<std::uint64_t, 60> kNair = {
      1,  1,  1,  2,  2,  2,  3,  3,  3,  4,  4,  5,  5,  5,  6,  6,  6,  7,  7,  8,
      8,  8,  9,  9,  10, 10, 10, 11, 11, 12, 12, 13, 13, 13, 14, 14, 15, 15, 16, 16,
      16, 17, 17, 18, 18, 19, 19, 19, 20, 20, 21, 21, 22, 22, 22, 23, 23, 24, 24, 25};
  for (std::size_t i = 0; i < kNair.size(); ++i) {
    const std::uint64_t n = i + 6;
    CAPTURE(n);
    const Ranks ranks = percentile_ranks(n, 0.5, 0.95);
    CHECK(ranks.low == kNair[i]);
    CHECK(ranks.high == n + 1 - kNair[i]);
  }
  const Ranks five = percentile_ranks(5, 0.5, 0.95);
  CHECK_FALSE(five.low.has_value());
  CHECK_FALSE(five.high.has_value());
}

TEST_CASE("an upper bound of the 95th percentile is number 1, 2 or 3 from above as Wilks has it") {
  // S. S. Wilks, Determination of sample sizes for setting tolerance limits, Annals of Mathematical
  // Statistics 12 (1941); one-sided with 95 %: 59, 93 and 124 values for the first three.
  CHECK_FALSE(percentile_ranks(58, 0.95, 0.9).high.has_value());
  CHECK(percentile_ranks(59, 0.95, 0.9).high == 59);
  CHECK(percentile_ranks(92, 0.95, 0.9).high == 92);
  CHECK(percentile_ranks(93, 0.95, 0.9).high == 92);
  CHECK(percentile_ranks(123, 0.95, 0.9).high == 122);
  CHECK(percentile_ranks(124, 0.95, 0.9).high == 122);
}

TEST_CASE("a percentile that is given has both its bounds, at its minimum too") {
  for (const double percent : kPercents) {
    CAPTURE(percent);
    const auto n = static_cast<std::uint64_t>(minimum_effective_sample(percent));
    CHECK(percentile_ranks(n, percent / 100, kPercentileConfidence).low.has_value());
    CHECK(percentile_ranks(n, percent / 100, kPercentileConfidence).high.has_value());
  }
}

TEST_CASE("an interval of order statistics is as wide as its confidence needs and no wider") {
  for (const double share : {0.5, 0.75, 0.9, 0.95, 0.99}) {
    for (const std::uint64_t n : {700, 3000, 100'000}) {
      CAPTURE(share);
      CAPTURE(n);
      const boost::math::binomial below(static_cast<double>(n), share);
      const Ranks ranks = percentile_ranks(n, share, 0.95);
      const auto low = static_cast<double>(ranks.low.value());
      const auto high = static_cast<double>(ranks.high.value());
      CHECK(cdf(below, low - 1) <= 0.025);
      CHECK(cdf(below, low) > 0.025);
      CHECK(cdf(complement(below, high - 1)) <= 0.025);
      CHECK(cdf(complement(below, high - 2)) > 0.025);
    }
  }
}

TEST_CASE("ranks of an effective sample are spread evenly over the ordered values") {
  std::vector<double> ten;
  std::vector<double> ten_of_64;
  for (int i = 1; i <= 10; ++i) {
    ten.push_back(i);
    ten_of_64.insert(ten_of_64.end(), 64, i);
  }
  for (const auto& values : {ten, ten_of_64}) {  // ranks 2 and 9
    const PercentileBounds bounds = percentile_bounds(ordered(values), 10.9, 0.5);
    CHECK(bounds.low == 2);
    CHECK(bounds.high == 9);
  }
  // Ranks 2 and 9 of 10 are places 1.333 and 10.667 of 13: the values beyond.
  std::vector<double> thirteen;
  for (int i = 0; i < 13; ++i) thirteen.push_back(i);
  const PercentileBounds bounds = percentile_bounds(ordered(thirteen), 10, 0.5);
  CHECK(bounds.low == 1);
  CHECK(bounds.high == 11);
}

TEST_CASE("where too few observations can say it, a side is empty") {
  std::vector<double> values;
  for (int i = 0; i < 50; ++i) values.push_back(i);
  const PercentileBounds p99 = percentile_bounds(ordered(values), 50, 0.99);
  CHECK(p99.low == 47);
  CHECK_FALSE(p99.high.has_value());
  CHECK_FALSE(percentile_bounds(ordered(values), 5.9, 0.5).low.has_value());
  CHECK_FALSE(percentile_bounds(ordered({1}), 1, 0.5).low.has_value());
}

TEST_CASE("of independent values the interval holds the percentile as often as it should") {
  constexpr int kTries = 1000;
  constexpr std::uint64_t kValues = 500;
  std::mt19937_64 random(2026);
  std::array<int, kPercents.size()> hits{};
  for (int i = 0; i < kTries; ++i) {
    const OrderedSample sample = ordered(autoregressive(kValues, 0, random));
    for (std::size_t p = 0; p < kPercents.size(); ++p) {
      const double share = kPercents[p] / 100;
      hits[p] += holds(percentile_bounds(sample, kValues, share), true_percentile(share));
    }
  }
  for (std::size_t p = 0; p < kPercents.size(); ++p) {
    CAPTURE(kPercents[p]);
    const boost::math::binomial below(kValues, kPercents[p] / 100);
    const Ranks ranks = percentile_ranks(kValues, kPercents[p] / 100, kPercentileConfidence);
    const double exact = cdf(below, static_cast<double>(ranks.high.value() - 1)) -
                         cdf(below, static_cast<double>(ranks.low.value() - 1));
    CHECK(exact >= 0.95);
    CHECK(hits[p] >= fewest(kTries, exact));
    CHECK(hits[p] <= most(kTries, exact));
  }
}

TEST_CASE(
    "of values that resemble their neighbours it still does, and without n_eff it would not") {
  constexpr int kTries = 400;
  for (const double rho : {0.0, 0.5, 0.8}) {
    CAPTURE(rho);
    const std::size_t values = 400 * static_cast<std::size_t>((1 + rho) / (1 - rho) + 0.5);
    std::mt19937_64 random(7);
    std::array<int, kPercents.size()> hits{};
    std::array<int, kPercents.size()> naive_hits{};
    for (int i = 0; i < kTries; ++i) {
      const std::vector<double> series = autoregressive(values, rho, random);
      const Distribution d = distribution_of(one_per_stamp(series));
      const OrderedSample sample = ordered(series);
      for (std::size_t p = 0; p < kPercents.size(); ++p) {
        const double share = kPercents[p] / 100;
        const double expected = true_percentile(share);
        hits[p] += holds(d.bounds[p], expected);
        naive_hits[p] +=
            holds(percentile_bounds(sample, static_cast<double>(values), share), expected);
      }
    }
    for (std::size_t p = 0; p < kPercents.size(); ++p) {
      CAPTURE(kPercents[p]);
      CHECK(hits[p] >= fewest(kTries, 0.95));
    }
    if (rho > 0.4) CHECK(naive_hits[0] < fewest(kTries, 0.95));
  }
}
