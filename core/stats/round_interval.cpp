// SPDX-License-Identifier: Apache-2.0
#include "stats/round_interval.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "stats/effective_sample.hpp"
#include "stats/moments.hpp"

namespace lmbench::stats {
namespace {

// The quantile with 2.5 % above it. In double precision: the long double that Boost.Math takes by
// default is eight times as slow, and this is asked for between two rounds of a measurement.
double t_quantile(double degrees_of_freedom) {
  using boost::math::policies::policy;
  using boost::math::policies::promote_double;
  using Distribution = boost::math::students_t_distribution<double, policy<promote_double<false>>>;
  constexpr double kAbove = 0.025;
  return boost::math::quantile(
      boost::math::complement(Distribution(degrees_of_freedom), kAbove));
}

}  // namespace

std::optional<RateInterval> rate_interval(std::span<const double> ln_rates) {
  const double n_eff = effective_size(static_cast<double>(ln_rates.size()),
                                      lag_1_autocorrelation(ln_rates));
  if (!(n_eff >= 2)) return std::nullopt;  // nor where there is no number
  const double mean = mean_of(ln_rates);
  const double half_width =
      t_quantile(n_eff - 1) * standard_deviation_of(ln_rates) / std::sqrt(n_eff);
  return RateInterval{.n = ln_rates.size(),
                      .n_eff = n_eff,
                      .low = std::exp(mean - half_width),
                      .high = std::exp(mean + half_width),
                      .half_width_percent = 100 * std::expm1(half_width)};
}

}  // namespace lmbench::stats
