// SPDX-License-Identifier: Apache-2.0
#include "stats/unpaired_effect.hpp"

#include <cmath>

#include "stats/student_t.hpp"

namespace lmbench::stats {
namespace {

constexpr double kTail = 0.025;  // on each side of a 95 % interval

struct LnRate {
  double mean;
  double variance;  // of the mean
  double degrees_of_freedom;
};

LnRate ln_rate_of(const RateInterval& interval) {
  const double degrees_of_freedom = interval.n_eff - 1;
  const double half_width = std::log(interval.high / interval.low) / 2;
  const double standard_error = half_width / student_t_above(kTail, degrees_of_freedom);
  return {std::log(interval.low) + half_width, standard_error * standard_error, degrees_of_freedom};
}

}  // namespace

UnpairedEffect unpaired_effect(const RateInterval& a, const RateInterval& b) {
  const LnRate first = ln_rate_of(a);
  const LnRate second = ln_rate_of(b);
  const double variance = first.variance + second.variance;
  UnpairedEffect effect;
  effect.value = second.mean - first.mean;
  effect.standard_error = std::sqrt(variance);
  effect.degrees_of_freedom = first.degrees_of_freedom + second.degrees_of_freedom;
  if (variance > 0) {
    effect.degrees_of_freedom = variance * variance /
                                (first.variance * first.variance / first.degrees_of_freedom +
                                 second.variance * second.variance / second.degrees_of_freedom);
  }
  effect.half_width = student_t_above(kTail, effect.degrees_of_freedom) * effect.standard_error;
  return effect;
}

}  // namespace lmbench::stats
