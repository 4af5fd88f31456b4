// Between which of its own values a sample holds a percentile, whatever the distribution: the
// interval of order statistics. How many of m independent values lie below a percentile is
// binomial, so that the ranks follow from m alone. A sample with fewer independent observations than
// values is taken as that many: its ranks are spread evenly over the ordered values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stats/ordered_sample.hpp"

namespace lmbench::stats {

// Of all such intervals, at least this share holds the true percentile; each side misses it in at
// most half of the rest.
constexpr double kPercentileConfidence = 0.95;

struct Ranks {  // counted from 1; empty: m values have none that is low, or high, enough
  std::optional<std::uint64_t> low;
  std::optional<std::uint64_t> high;
};

// share and confidence: in (0, 1).
Ranks percentile_ranks(std::uint64_t independent, double share, double confidence);

struct PercentileBounds {
  std::optional<double> low;
  std::optional<double> high;
};

// n_eff: of the sample, which is not empty; rounded down.
PercentileBounds percentile_bounds(const OrderedSample& sample, double n_eff, double share,
                                   double confidence = kPercentileConfidence);

}  // namespace lmbench::stats
