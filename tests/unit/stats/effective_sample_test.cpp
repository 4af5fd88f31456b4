// SPDX-License-Identifier: Apache-2.0
#include "stats/effective_sample.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

#include "stats/distribution.hpp"

using namespace lmbench::stats;

namespace {

constexpr double kMs = 1e6;

std::vector<Observation> one_per_stamp(const std::vector<double>& values) {
  std::vector<Observation> made;
  for (std::size_t i = 0; i < values.size(); ++i) {
    made.push_back({values[i], 1000 * (i + 1), 0, 1});
  }
  return made;
}

// As unlike its neighbour as can be, so that every stamp counts in full.
std::vector<Observation> alternating(std::size_t n) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(i % 2 == 0 ? 1 * kMs : 2 * kMs);
  return one_per_stamp(values);
}

// Chance that at most one of n independent samples lies above the true percentile.
double chance_of_at_most_one_above(double n, double share) {
  return std::pow(share, n) + n * (1 - share) * std::pow(share, n - 1);
}

}  // namespace

TEST_CASE("the minimum of a percentile is the smallest sample with 99 % confidence") {
  for (const double percent : {50.0, 75.0, 90.0, 95.0, 97.0, 99.0, 99.9}) {
    CAPTURE(percent);
    const double minimum = minimum_effective_sample(percent);
    CHECK(chance_of_at_most_one_above(minimum, percent / 100) <= 0.01);
    CHECK(chance_of_at_most_one_above(minimum - 1, percent / 100) > 0.01);
  }
  CHECK_THROWS_AS(minimum_effective_sample(42), std::logic_error);
}

TEST_CASE("a percentile is given from its minimum on and not one sample below") {
  const std::vector<std::size_t> minimums = {11, 24, 64, 130, 662};
  for (std::size_t i = 0; i < minimums.size(); ++i) {
    CAPTURE(kPercents[i]);
    CHECK_FALSE(distribution_of(alternating(minimums[i] - 1)).percentiles[i].has_value());
    CHECK(distribution_of(alternating(minimums[i])).percentiles[i].has_value());
  }
}

TEST_CASE("samples that share a stamp are one observation") {
  std::vector<Observation> batch;
  for (std::uint64_t step = 0; step < 10; ++step) {
    for (int request = 0; request < 64; ++request) {
      batch.push_back({(step % 2 == 0 ? 1 : 2) * kMs + request, step, 0, 1});
    }
  }
  CHECK(effective_sample_size(batch) == 10);
  const Distribution d = distribution_of(batch);
  CHECK(d.n == 640);
  CHECK_FALSE(d.percentiles[0].has_value());
  CHECK(d.max == doctest::Approx(2 * kMs + 63));
}

TEST_CASE("resemblance of neighbours lowers the effective sample by (1 - rho) / (1 + rho)") {
  // Mean 0; sum of squares 4, of neighbours' products 1: rho = 0.25.
  const auto observations = one_per_stamp({11 * kMs, 11 * kMs, 9 * kMs, 9 * kMs});
  CHECK(effective_sample_size(observations) == doctest::Approx(4 * 0.75 / 1.25));
}

TEST_CASE("a block of equal values counts a nineteenth, not less") {
  std::vector<double> values(1000, 1 * kMs);
  values.resize(2000, 2 * kMs);
  CHECK(effective_sample_size(one_per_stamp(values)) == doctest::Approx(2000 * 0.1 / 1.9));
}

TEST_CASE("a straight line in decode position is no resemblance of neighbours") {
  std::vector<Observation> observations;
  for (std::uint64_t round = 0; round < 5; ++round) {
    for (std::uint64_t position = 1; position < 100; ++position) {
      const double noise = position % 2 == 0 ? 1000 : -1000;
      const auto x = static_cast<double>(position);
      observations.push_back({10 * kMs + 50'000 * x + noise, round * 1000 + position, x, 1});
    }
  }
  CHECK(effective_sample_size(observations) == 5 * 99);
  for (Observation& o : observations) o.position = 0;
  CHECK(effective_sample_size(observations) < 50);
}

TEST_CASE("equal samples and whole nanoseconds around a line are worth their number") {
  CHECK(effective_sample_size(one_per_stamp(std::vector<double>(300, 0.1 * kMs))) == 300);
  std::vector<Observation> line;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto x = static_cast<double>(i);
    line.push_back({std::floor(1 * kMs + 0.37 * x), i, x, 1});
  }
  CHECK(effective_sample_size(line) == 300);
  CHECK(effective_sample_size({}) == 0);
}

TEST_CASE("of a simulated series with known autocorrelation the effective sample is right") {
  for (const double rho : {0.0, 0.3, 0.6}) {
    CAPTURE(rho);
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal(0, 1000);
    std::vector<double> values;
    double state = 0;
    for (int i = 0; i < 200'000; ++i) {
      state = rho * state + normal(random);
      values.push_back(10 * kMs + state);
    }
    const double expected = 200'000 * (1 - rho) / (1 + rho);
    CHECK(effective_sample_size(one_per_stamp(values)) == doctest::Approx(expected).epsilon(0.02));
  }
}

TEST_CASE("mean and extremes are given for a single sample, with its weight") {
  const std::vector<Observation> one{{3 * kMs, 1, 0, 5}};
  const Distribution d = distribution_of(one);
  CHECK(d.n == 5);
  CHECK(d.mean == 3 * kMs);
  CHECK(d.min == 3 * kMs);
  CHECK(d.max == 3 * kMs);
  CHECK(distribution_of({}).n == 0);
}
