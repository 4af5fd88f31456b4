// SPDX-License-Identifier: Apache-2.0
#include "stats/moments.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace lmbench::stats {
namespace {

// Of the mean there is a double near it, and what is left: together they hold more digits than one.
struct Center {
  double near;
  double rest;

  double distance_of(double value) const noexcept { return (value - near) - rest; }
};

Center center_of(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double from_first = 0;
  for (const double value : values) from_first += value - values.front();
  const double near = values.front() + from_first / n;
  double rest = 0;
  for (const double value : values) rest += value - near;
  return {near, rest / n};
}

double square_sum(std::span<const double> values, const Center& center) {
  double sum = 0;
  for (const double value : values) {
    const double distance = center.distance_of(value);
    sum += distance * distance;
  }
  return sum;
}

void require_at_least(std::size_t least, std::span<const double> values) {
  if (values.size() < least) throw std::logic_error("too few values for this statistic");
}

}  // namespace

double mean_of(std::span<const double> values) {
  require_at_least(1, values);
  const Center center = center_of(values);
  return center.near + center.rest;
}

double standard_deviation_of(std::span<const double> values) {
  require_at_least(2, values);
  return std::sqrt(square_sum(values, center_of(values)) / static_cast<double>(values.size() - 1));
}

double lag_1_autocorrelation(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const Center center = center_of(values);
  const double squares = square_sum(values, center);
  if (squares <= 0) return 0;
  double products = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    products += center.distance_of(values[i]) * center.distance_of(values[i + 1]);
  }
  return products / squares;
}

}  // namespace lmbench::stats
