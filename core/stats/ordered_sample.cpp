// SPDX-License-Identifier: Apache-2.0
#include "stats/ordered_sample.hpp"

#include <algorithm>
#include <cmath>

namespace lmbench::stats {

OrderedSample::OrderedSample(std::vector<WeightedValue> values) {
  std::sort(values.begin(), values.end());
  values_.reserve(values.size());
  up_to_.reserve(values.size());
  std::uint64_t count = 0;
  for (const auto& [value, weight] : values) {
    if (weight == 0) continue;
    count += weight;
    values_.push_back(value);
    up_to_.push_back(count);
  }
}

std::uint64_t OrderedSample::count() const noexcept { return up_to_.empty() ? 0 : up_to_.back(); }

double OrderedSample::at(std::uint64_t index) const {
  const auto place = std::upper_bound(up_to_.begin(), up_to_.end(), index) - up_to_.begin();
  return values_[static_cast<std::size_t>(place)];
}

double OrderedSample::interpolated(double share) const {
  const double position = static_cast<double>(count() - 1) * share;
  const double below = std::floor(position);
  const auto index = static_cast<std::uint64_t>(below);
  const double low = at(index);
  if (index + 1 >= count()) return low;
  return low + (position - below) * (at(index + 1) - low);
}

double OrderedSample::legacy(double share) const {
  // The product in double precision, as Python has it: 0.95 * 20 is 19.
  const auto index = static_cast<std::uint64_t>(std::floor(share * static_cast<double>(count())));
  return at(std::min(index, count() - 1));
}

}  // namespace lmbench::stats
