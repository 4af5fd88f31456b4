// Mean, standard deviation and lag-1 autocorrelation of a series: the one place that knows them.
// In two passes and around a value near the mean, so that a small spread on a large offset keeps
// its digits. Tested against the certified values of NIST StRD.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace lmbench::stats {

// Fewer values than stated are a mistake of ours: std::logic_error. Of equal values the mean is
// that value and the standard deviation 0, both exactly.
double mean_of(std::span<const double> values);                // at least one
double standard_deviation_of(std::span<const double> values);  // of a sample: n - 1; at least two

// sum over i < n of (x_i - m)(x_{i+1} - m) / sum of (x_i - m)^2, m the mean: in [-1, 1]. 0 where it
// has no meaning: all values equal, or fewer than two.
double lag_1_autocorrelation(std::span<const double> values);

}  // namespace lmbench::stats
