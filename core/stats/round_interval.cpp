// SPDX-License-Identifier: Apache-2.0
#include "stats/round_interval.hpp"

#include <cmath>

#include "stats/effective_sample.hpp"
#include "stats/moments.hpp"
#include "stats/student_t.hpp"

namespace lmbench::stats {

std::optional<RateInterval> rate_interval(std::span<const double> ln_rates) {
  const double n_eff =
      effective_size(static_cast<double>(ln_rates.size()), lag_1_autocorrelation(ln_rates));
  if (!(n_eff >= 2)) return std::nullopt;  // nor where there is no number
  const double mean = mean_of(ln_rates);
  const double half_width =
      student_t_above(0.025, n_eff - 1) * standard_deviation_of(ln_rates) / std::sqrt(n_eff);
  return RateInterval{.n = ln_rates.size(),
                      .n_eff = n_eff,
                      .low = std::exp(mean - half_width),
                      .high = std::exp(mean + half_width),
                      .half_width_percent = 100 * std::expm1(half_width)};
}

}  // namespace lmbench::stats
