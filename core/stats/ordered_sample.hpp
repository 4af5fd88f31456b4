// A sample in ascending order, with the two rules by which a percentile is read from it. A value
// of weight k stands for k equal values, which are counted and not stored.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace lmbench::stats {

class OrderedSample {
 public:
  using WeightedValue = std::pair<double, std::uint64_t>;
  explicit OrderedSample(std::vector<WeightedValue> values);

  std::uint64_t count() const noexcept;  // of values, each as often as its weight says
  double at(std::uint64_t index) const;  // in ascending order; index < count()

  // share: in [0, 1]. The sample is not empty.
  double interpolated(double share) const;  // between order statistics, at (count - 1) * share
  double legacy(double share) const;        // profile_generation.py: number floor(share * count)
 private:
  std::vector<double> values_;        // ascending
  std::vector<std::uint64_t> up_to_;  // how many there are up to and with this one
};

}  // namespace lmbench::stats
