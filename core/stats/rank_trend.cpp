// SPDX-License-Identifier: Apache-2.0
#include "stats/rank_trend.hpp"

#include <cmath>
#include <map>

namespace lmbench::stats {

double mann_kendall_p(std::span<const double> series) {
  constexpr std::size_t kLeast = 4;
  if (series.size() < kLeast) return 1;
  double s = 0;
  std::map<double, double> ties;
  for (std::size_t i = 0; i < series.size(); ++i) {
    ties[series[i]] += 1;
    for (std::size_t j = i + 1; j < series.size(); ++j) {
      s += static_cast<double>(series[j] > series[i]) - static_cast<double>(series[j] < series[i]);
    }
  }
  const auto pairs_variance = [](double n) { return n * (n - 1) * (2 * n + 5) / 18; };
  double variance = pairs_variance(static_cast<double>(series.size()));
  for (const auto& [value, count] : ties) variance -= pairs_variance(count);
  if (variance <= 0 || s == 0) return 1;
  const double z = (std::abs(s) - 1) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2.0));
}

}  // namespace lmbench::stats
