// SPDX-License-Identifier: Apache-2.0
#include "stats/holm.hpp"

#include <doctest/doctest.h>

using lmbench::stats::holm_adjusted;

TEST_CASE("Holm's adjustment gives the values of R's p.adjust") {
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02.
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const auto adjusted = holm_adjusted(p);
  CHECK(adjusted[0] == doctest::Approx(0.03));
  CHECK(adjusted[1] == doctest::Approx(0.06));
  CHECK(adjusted[2] == doctest::Approx(0.06));
  CHECK(adjusted[3] == doctest::Approx(0.02));
}

TEST_CASE("one test is not adjusted, and none is above 1") {
  CHECK(holm_adjusted(std::vector{0.05})[0] == 0.05);
  CHECK(holm_adjusted(std::vector{0.9, 0.8}) == std::vector{1.0, 1.0});
  CHECK(holm_adjusted({}).empty());
}
