// The difference between two runs that share no rounds: Welch's interval around the difference of
// the means of ln(rate). It knows the noise inside of two launches and nothing of what lies between
// them, so it is no verdict on two builds: stats/paired_effect is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stats/round_interval.hpp"

namespace lmbench::stats {

struct UnpairedEffect {
  double value = 0;               // ln(rate of b / rate of a): above 0, b is faster
  double standard_error = 0;      // sqrt(se_a^2 + se_b^2)
  double degrees_of_freedom = 0;  // of Welch and Satterthwaite
  double half_width = 0;          // of the 95 % t interval around value

  double low() const noexcept { return value - half_width; }
  double high() const noexcept { return value + half_width; }
};

// Standard errors are taken from the intervals, n_eff - 1 degrees of freedom each.
// Precondition: n_eff of both is at least two, as rate_interval() makes it.
UnpairedEffect unpaired_effect(const RateInterval& a, const RateInterval& b);

}  // namespace lmbench::stats
