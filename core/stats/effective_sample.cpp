// SPDX-License-Identifier: Apache-2.0
#include "stats/effective_sample.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "stats/moments.hpp"

namespace lmbench::stats {
namespace {

struct Point {
  double position;
  double value;
};

// The weighted means of each stamp, in order of time. Values are taken relative to the first one,
// so that a constant stays exactly constant.
std::vector<Point> means_per_stamp(std::span<const Observation> observations) {
  std::vector<const Observation*> in_time;
  in_time.reserve(observations.size());
  for (const Observation& o : observations) {
    if (o.weight > 0) in_time.push_back(&o);
  }
  std::stable_sort(in_time.begin(), in_time.end(), [](const Observation* a, const Observation* b) {
    return a->stamp_ns < b->stamp_ns;
  });
  std::vector<Point> means;
  for (std::size_t i = 0; i < in_time.size();) {
    const std::uint64_t stamp_ns = in_time[i]->stamp_ns;
    double weight = 0;
    Point sum{0, 0};
    for (; i < in_time.size() && in_time[i]->stamp_ns == stamp_ns; ++i) {
      const auto w = static_cast<double>(in_time[i]->weight);
      weight += w;
      sum.position += w * in_time[i]->position;
      sum.value += w * (in_time[i]->value - in_time.front()->value);
    }
    means.push_back({sum.position / weight, sum.value / weight});
  }
  return means;
}

// Least squares in position; where all positions are equal, the mean alone.
std::vector<double> residuals(const std::vector<Point>& points) {
  const auto n = static_cast<double>(points.size());
  Point mean{0, 0};
  for (const Point& p : points) {
    mean.position += p.position / n;
    mean.value += p.value / n;
  }
  double spread = 0;
  double product = 0;
  for (const Point& p : points) {
    spread += (p.position - mean.position) * (p.position - mean.position);
    product += (p.position - mean.position) * (p.value - mean.value);
  }
  const double slope = spread > 0 ? product / spread : 0;
  std::vector<double> left;
  left.reserve(points.size());
  for (const Point& p : points) {
    left.push_back(p.value - mean.value - slope * (p.position - mean.position));
  }
  return left;
}

double resemblance_of_neighbours(const std::vector<double>& x) {
  // Stamps are whole nanoseconds: below the variance of such rounding, 1/12, there is no signal but
  // the arithmetic's own error, whose correlation means nothing.
  constexpr double kRoundingVariance = 1.0 / 12.0;
  double square = 0;
  for (const double value : x) square += value * value;
  if (square <= kRoundingVariance * static_cast<double>(x.size())) return 0;
  return lag_1_autocorrelation(x);
}

}  // namespace

double effective_size(double n, double rho) noexcept {
  constexpr double kLargestAutocorrelation = 0.9;
  const double cut = std::clamp(rho, 0.0, kLargestAutocorrelation);
  return n * (1 - cut) / (1 + cut);
}

double effective_sample_size(std::span<const Observation> observations) {
  const std::vector<Point> means = means_per_stamp(observations);
  return effective_size(static_cast<double>(means.size()),
                        resemblance_of_neighbours(residuals(means)));
}

double minimum_effective_sample(double percent) {
  constexpr std::array<std::pair<double, double>, 7> kMinimums = {
      {{50, 11}, {75, 24}, {90, 64}, {95, 130}, {97, 219}, {99, 662}, {99.9, 6636}}};
  for (const auto& [known, minimum] : kMinimums) {
    if (known == percent) return minimum;
  }
  throw std::logic_error("there is no minimum sample for this percentile");
}

}  // namespace lmbench::stats
