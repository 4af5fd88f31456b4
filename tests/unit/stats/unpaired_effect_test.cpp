// Two runs without common rounds, against values by hand and over many pairs of a known truth.
// SPDX-License-Identifier: Apache-2.0
#include "stats/unpaired_effect.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "stats/student_t.hpp"

using namespace lmbench;
using stats::rate_interval;
using stats::RateInterval;
using stats::unpaired_effect;

namespace {

// The interval of a mean, its standard error and n rounds that are independent.
RateInterval interval(double mean, double standard_error, double n) {
  const double half_width = stats::student_t_above(0.025, n - 1) * standard_error;
  return {.n = static_cast<std::size_t>(n),
          .n_eff = n,
          .low = std::exp(mean - half_width),
          .high = std::exp(mean + half_width),
          .half_width_percent = 100 * std::expm1(half_width)};
}

}  // namespace

TEST_CASE("equal noise and equal rounds have all degrees of freedom") {
  const auto effect = unpaired_effect(interval(3.0, 0.03, 10), interval(3.5, 0.03, 10));
  CHECK(effect.value == doctest::Approx(0.5));
  CHECK(effect.standard_error == doctest::Approx(0.03 * std::sqrt(2.0)));
  CHECK(effect.degrees_of_freedom == doctest::Approx(18));
  CHECK(effect.half_width == doctest::Approx(2.100922 * 0.03 * std::sqrt(2.0)).epsilon(1e-5));
}

TEST_CASE("the degrees of freedom are those of Welch and Satterthwaite") {
  // (0.09 + 0.04)^2 / (0.09^2 / 4 + 0.04^2 / 19)
  const auto effect = unpaired_effect(interval(0, 0.3, 5), interval(0, 0.2, 20));
  CHECK(effect.degrees_of_freedom == doctest::Approx(0.0169 / (0.0081 / 4 + 0.0016 / 19)));
}

TEST_CASE("two runs without any noise differ by what they differ") {
  const auto effect = unpaired_effect(interval(1, 0, 5), interval(1.25, 0, 5));
  CHECK(effect.value == doctest::Approx(0.25));
  CHECK(effect.half_width == 0);
}

TEST_CASE("the interval holds the true difference of two machines that do not drift") {
  std::mt19937_64 random(1);
  std::normal_distribution<double> a_noise(0, 0.01);
  std::normal_distribution<double> b_noise(0.02, 0.03);
  constexpr int kPairs = 2000;
  int covering = 0;
  for (int pair = 0; pair < kPairs; ++pair) {
    std::vector<double> a(30);
    std::vector<double> b(20);
    for (double& value : a) value = a_noise(random);
    for (double& value : b) value = b_noise(random);
    const auto effect = unpaired_effect(rate_interval(a).value(), rate_interval(b).value());
    covering += effect.low() <= 0.02 && 0.02 <= effect.high();
  }
  CHECK(covering > 0.92 * kPairs);
  CHECK(covering < 0.98 * kPairs);
}
