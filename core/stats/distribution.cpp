// SPDX-License-Identifier: Apache-2.0
#include "stats/distribution.hpp"

#include <vector>

#include "stats/ordered_sample.hpp"

namespace lmbench::stats {

Distribution distribution_of(std::span<const Observation> observations) {
  std::vector<OrderedSample::WeightedValue> values;
  values.reserve(observations.size());
  for (const Observation& o : observations) values.emplace_back(o.value, o.weight);
  const OrderedSample ordered(std::move(values));
  Distribution d;
  d.n = ordered.count();
  if (d.n == 0) return d;
  d.min = ordered.at(0);
  d.max = ordered.at(d.n - 1);
  // Sums of the distances to the smallest value: of equal samples the mean is exact.
  double excess = 0;
  for (const Observation& o : observations) {
    excess += static_cast<double>(o.weight) * (o.value - d.min);
  }
  d.mean = d.min + excess / static_cast<double>(d.n);
  d.n_eff = effective_sample_size(observations);
  for (std::size_t i = 0; i < kPercents.size(); ++i) {
    const double share = kPercents[i] / 100;
    d.bounds[i] = percentile_bounds(ordered, d.n_eff, share);
    if (d.n_eff < minimum_effective_sample(kPercents[i])) continue;
    d.percentiles[i] = ordered.interpolated(share);
  }
  return d;
}

}  // namespace lmbench::stats
