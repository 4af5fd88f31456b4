// Does a series rise or fall over time? Says nothing about how much.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace lmbench::stats {

// The two-sided p of the Mann-Kendall test: pairs of values in rising order against pairs in falling
// order; normal approximation with the corrections for ties and continuity (M. Kendall, Rank
// Correlation Methods, 1975). 1 below four values, where nothing could be said.
double mann_kendall_p(std::span<const double> series);

}  // namespace lmbench::stats
