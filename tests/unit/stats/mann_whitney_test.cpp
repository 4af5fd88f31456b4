// SPDX-License-Identifier: Apache-2.0
#include "stats/mann_whitney.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

using lmbench::stats::mann_whitney;
using lmbench::stats::MannWhitney;

namespace {

using Sample = std::vector<double>;

struct Pair {
  Sample first;
  Sample second;
};

// Two samples without ties whose U is u: of the n values of the first each lies above as many values
// of the second as are left of u, at most m.
Pair samples_with_u(int n, int m, int u) {
  Pair samples;
  for (int j = 1; j <= m; ++j) samples.second.push_back(j);
  for (int i = 0; i < n; ++i) {
    const int above = u < m ? u : m;
    u -= above;
    samples.first.push_back(above + 0.5 + 0.001 * (n - i));
  }
  return samples;
}

MannWhitney test_with_u(int n, int m, int u) {
  const Pair samples = samples_with_u(n, m, u);
  return mann_whitney(samples.first, samples.second);
}

}  // namespace

TEST_CASE("critical values of U are those of the published table") {
  // Largest U that is significant at 5 % on both sides, for samples of 5 to 13 (rows) and of 5 to 20
  // (columns): S. Siegel, Nonparametric Statistics for the Behavioral Sciences (1956), table K, after
  // D. Auble, Extended Tables for the Mann-Whitney Statistic (1953).
  constexpr std::array<std::array<int, 16>, 9> kCritical = {{
      {2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 17, 18, 19, 20},
      {3, 5, 6, 8, 10, 11, 13, 14, 16, 17, 19, 21, 22, 24, 25, 27},
      {5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34},
      {6, 8, 10, 13, 15, 17, 19, 22, 24, 26, 29, 31, 34, 36, 38, 41},
      {7, 10, 12, 15, 17, 20, 23, 26, 28, 31, 34, 37, 39, 42, 45, 48},
      {8, 11, 14, 17, 20, 23, 26, 29, 33, 36, 39, 42, 45, 48, 52, 55},
      {9, 13, 16, 19, 23, 26, 30, 33, 37, 40, 44, 47, 51, 55, 58, 62},
      {11, 14, 18, 22, 26, 29, 33, 37, 41, 45, 49, 53, 57, 61, 65, 69},
      {12, 16, 20, 24, 28, 33, 37, 41, 45, 50, 54, 59, 63, 67, 72, 76},
  }};
  for (std::size_t i = 0; i < kCritical.size(); ++i) {
    for (std::size_t j = 0; j < kCritical[i].size(); ++j) {
      const int n = static_cast<int>(i) + 5;
      const int m = static_cast<int>(j) + 5;
      const int u = kCritical[i][j];
      CAPTURE(n);
      CAPTURE(m);
      CHECK(test_with_u(n, m, u).u == u);
      CHECK(test_with_u(n, m, u).p <= 0.05);
      CHECK(test_with_u(n, m, u + 1).p > 0.05);
      CHECK(test_with_u(n, m, n * m - u).p <= 0.05);
      CHECK(test_with_u(n, m, n * m - u - 1).p > 0.05);
    }
  }
}

TEST_CASE("a small sample without ties: permeability of the chorioamnion") {
  // M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods (1973), p. 69; R's documentation
  // of wilcox.test() gives W = 35 and p = 0.1272 to one side.
  const Sample term{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const Sample early{1.15, 0.88, 0.90, 0.74, 1.21};
  const MannWhitney test = mann_whitney(term, early);
  CHECK(test.u == 35);
  CHECK(test.is_exact);
  CHECK(test.p == doctest::Approx(2 * 0.1272).epsilon(0.0005));
  const MannWhitney turned = mann_whitney(early, term);
  CHECK(turned.u == 15);
  CHECK(turned.p == doctest::Approx(test.p));
}

TEST_CASE("ties: ozone in May and August") {
  // The airquality data of R, New York 1973; R's documentation of wilcox.test() gives W = 127.5 and
  // p = 0.0001208, normal with continuity correction.
  const Sample may{41, 36, 12, 18, 28, 23, 19, 8, 7,  16, 11, 14,  18,
                   14, 34, 6,  30, 11, 1,  11, 4, 32, 23, 45, 115, 37};
  const Sample august{39, 9,  16, 78, 35, 66, 122, 89,  110, 44, 28,  65, 22,
                      59, 23, 31, 44, 21, 9,  45,  168, 73,  76, 118, 84, 85};
  const MannWhitney test = mann_whitney(may, august);
  CHECK(test.u == 127.5);
  CHECK_FALSE(test.is_exact);
  CHECK(test.p == doctest::Approx(0.0001208).epsilon(0.0005));
}

TEST_CASE("samples that do not overlap at all have the smallest p that their sizes allow") {
  const MannWhitney test = mann_whitney(Sample{1, 2, 3}, Sample{4, 5, 6});
  CHECK(test.u == 0);
  CHECK(test.p == doctest::Approx(2.0 / 20));  // 6! / (3! 3!) orders
  CHECK(mann_whitney(Sample{1}, Sample{2}).p == 1);
}

TEST_CASE("equal values say nothing, however many") {
  const Sample equal(100, 7);
  const MannWhitney test = mann_whitney(equal, equal);
  CHECK(test.u == 5000);
  CHECK(test.p == 1);
  CHECK_THROWS_AS(mann_whitney({}, equal), std::logic_error);
}

TEST_CASE("the exact distribution goes over into the normal one at samples of 50") {
  const auto normal = [](double n, double m, double u) {
    const double variance = n * m * (n + m + 1) / 12;
    return std::erfc((std::abs(u - n * m / 2) - 0.5) / std::sqrt(2 * variance));
  };
  const MannWhitney exact = test_with_u(50, 50, 900);
  CHECK(exact.is_exact);
  CHECK(exact.p == doctest::Approx(normal(50, 50, 900)).epsilon(0.01));
  const MannWhitney approximate = test_with_u(51, 50, 900);
  CHECK_FALSE(approximate.is_exact);
  CHECK(approximate.p == doctest::Approx(normal(51, 50, 900)));
}

TEST_CASE("independent samples of one distribution are called different as often as they may be") {
  constexpr int kTries = 2000;
  std::mt19937_64 random(11);
  std::exponential_distribution<double> draw;
  int claims = 0;
  for (int i = 0; i < kTries; ++i) {
    Sample first(12);
    Sample second(15);
    for (double& value : first) value = draw(random);
    for (double& value : second) value = draw(random);
    claims += mann_whitney(first, second).p <= 0.05;
  }
  // Binomial(2000, 0.05) is above 131 in one of a thousand tries; the exact test is a little below.
  CHECK(claims <= 131);
  CHECK(claims >= 60);
}
