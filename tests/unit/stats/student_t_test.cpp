// SPDX-License-Identifier: Apache-2.0
#include "stats/student_t.hpp"

#include <doctest/doctest.h>

using lmbench::stats::student_t_above;

namespace {

struct TableRow {
  int degrees_of_freedom;
  double above_5_percent;
  double above_2_5_percent;
  double above_half_percent;
};

// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2: upper critical values of Student's t
// distribution, to three decimals.
constexpr TableRow kTable[] = {
    {1, 6.314, 12.706, 63.657}, {2, 2.920, 4.303, 9.925},  {3, 2.353, 3.182, 5.841},
    {4, 2.132, 2.776, 4.604},   {5, 2.015, 2.571, 4.032},  {6, 1.943, 2.447, 3.707},
    {7, 1.895, 2.365, 3.499},   {8, 1.860, 2.306, 3.355},  {9, 1.833, 2.262, 3.250},
    {10, 1.812, 2.228, 3.169},  {11, 1.796, 2.201, 3.106}, {12, 1.782, 2.179, 3.055},
    {13, 1.771, 2.160, 3.012},  {14, 1.761, 2.145, 2.977}, {15, 1.753, 2.131, 2.947},
    {16, 1.746, 2.120, 2.921},  {17, 1.740, 2.110, 2.898}, {18, 1.734, 2.101, 2.878},
    {19, 1.729, 2.093, 2.861},  {20, 1.725, 2.086, 2.845}, {25, 1.708, 2.060, 2.787},
    {30, 1.697, 2.042, 2.750},  {40, 1.684, 2.021, 2.704}, {60, 1.671, 2.000, 2.660},
    {100, 1.660, 1.984, 2.626},
};

}  // namespace

TEST_CASE("quantiles of Student's t are those of the published table") {
  constexpr double kRounding = 0.0005000001;
  for (const TableRow& row : kTable) {
    CAPTURE(row.degrees_of_freedom);
    const double degrees = row.degrees_of_freedom;
    CHECK(student_t_above(0.05, degrees) - row.above_5_percent <= kRounding);
    CHECK(row.above_5_percent - student_t_above(0.05, degrees) <= kRounding);
    CHECK(student_t_above(0.025, degrees) - row.above_2_5_percent <= kRounding);
    CHECK(row.above_2_5_percent - student_t_above(0.025, degrees) <= kRounding);
    CHECK(student_t_above(0.005, degrees) - row.above_half_percent <= kRounding);
    CHECK(row.above_half_percent - student_t_above(0.005, degrees) <= kRounding);
  }
}

TEST_CASE("degrees of freedom need not be whole, and the lower half is the upper one's mirror") {
  const double between = student_t_above(0.025, 4.5);
  CHECK(between < student_t_above(0.025, 4));
  CHECK(between > student_t_above(0.025, 5));
  CHECK(student_t_above(0.975, 7) == doctest::Approx(-student_t_above(0.025, 7)));
  CHECK(student_t_above(0.5, 7) == doctest::Approx(0));
}
