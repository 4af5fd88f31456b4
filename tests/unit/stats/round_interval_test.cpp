// SPDX-License-Identifier: Apache-2.0
#include "stats/round_interval.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "round_noise.hpp"

using lmbench::stats::rate_interval;
using lmbench::test::RoundNoise;

namespace {

// How many of so many intervals, each over n noisy rounds of a true rate of 1, hold that rate.
int covering(int intervals, std::size_t n, double autocorrelation) {
  RoundNoise noise(7, 0.01, autocorrelation);
  int hits = 0;
  for (int i = 0; i < intervals; ++i) {
    noise.restart();
    std::vector<double> ln_rates(n);
    for (double& value : ln_rates) value = noise.next();
    const auto interval = rate_interval(ln_rates);
    if (interval && interval->low <= 1 && interval->high >= 1) ++hits;
  }
  return hits;
}

}  // namespace

TEST_CASE("the interval is Student's t around the mean of the logarithms") {
  // Of 1, -1, 1, -1, ... the neighbours are opposite, so that all six count: s = sqrt(6/5),
  // t(0.975, 5) = 2.570581836 (R: qt(0.975, 5)).
  const std::vector<double> ln_rates = {0.01, -0.01, 0.01, -0.01, 0.01, -0.01};
  const auto interval = rate_interval(ln_rates);
  REQUIRE(interval);
  const double half_width = 2.570581836 * 0.01 * std::sqrt(6.0 / 5.0) / std::sqrt(6.0);
  CHECK(interval->n == 6);
  CHECK(interval->n_eff == 6);
  CHECK(interval->low == doctest::Approx(std::exp(-half_width)).epsilon(1e-9));
  CHECK(interval->high == doctest::Approx(std::exp(half_width)).epsilon(1e-9));
  CHECK(interval->half_width_percent ==
        doctest::Approx(100 * (std::exp(half_width) - 1)).epsilon(1e-9));
}

TEST_CASE("rounds that resemble their neighbours count for less") {
  // Mean 0, products of neighbours 3 - 1 + 3, squares 8: rho = 5/8, and eight
  // rounds are worth 8 (3/8) / (13/8) = 24/13. So is twice the series, with rho = 9/16: 16 (7/25).
  std::vector<double> ln_rates = {1, 1, 1, 1, -1, -1, -1, -1};
  CHECK_FALSE(rate_interval(ln_rates));
  const std::vector<double> again = ln_rates;
  ln_rates.insert(ln_rates.end(), again.begin(), again.end());
  const auto interval = rate_interval(ln_rates);
  REQUIRE(interval);
  CHECK(interval->n == 16);
  CHECK(interval->n_eff == doctest::Approx(16.0 * 7 / 25));
}

TEST_CASE("less than two independent rounds have no interval, equal ones have no width") {
  CHECK_FALSE(rate_interval({}));
  CHECK_FALSE(rate_interval(std::vector{5.0}));
  CHECK_FALSE(rate_interval(std::vector{5.0, std::nan("")}));
  CHECK(rate_interval(std::vector{5.0, 5.1}));
  const auto exact = rate_interval(std::vector{5.0, 5.0, 5.0});
  REQUIRE(exact);
  CHECK(exact->half_width_percent == 0);
  CHECK(exact->low == exact->high);
}

TEST_CASE("of independent rounds the interval holds the true rate as often as it says") {
  // 99.9 % of a binomial with 2000 tries at 95 % lies within 1868 and 1931. The limits are for an
  // interval that knows rho; estimating it from few rounds makes it a little wider: up to 97 %.
  for (const std::size_t n : {6U, 10U, 20U, 50U}) {
    const int hits = covering(2000, n, 0);
    CAPTURE(n);
    CHECK(hits >= 1868);
    CHECK(hits <= 1960);
  }
}

TEST_CASE("of rounds that resemble each other it is much nearer to that than the naive interval") {
  // An interval that takes them for independent holds it in 74 % of cases at rho = 0.5, t(0.975, n
  // - 1) = 1.96 and factor sqrt(3); ours has to learn rho from the same rounds.
  CHECK(covering(2000, 50, 0.5) >= 1780);
  CHECK(covering(2000, 20, 0.5) >= 1680);
}
