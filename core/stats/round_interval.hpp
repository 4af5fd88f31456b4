// How well a rate is known after so many rounds: a 95 % t interval around the mean of its logarithm.
// Neighbouring rounds may resemble each other, so it counts the rounds that they are worth. It
// speaks about one launch of one engine, never about the difference of two.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace lmbench::stats {

struct RateInterval {
  std::size_t n = 0;              // rounds, or slices of time
  double n_eff = 0;               // n (1 - rho) / (1 + rho)
  double low = 0;                 // exp(mean - half-width), in the unit of the rates
  double high = 0;                // exp(mean + half-width)
  double half_width_percent = 0;  // 100 (exp(half-width) - 1)
};

// half-width: t(0.975, n_eff - 1) s / sqrt(n_eff). Empty where the values are worth less than two.
// Allocates nothing, and takes a microsecond.
std::optional<RateInterval> rate_interval(std::span<const double> ln_rates);

}  // namespace lmbench::stats
