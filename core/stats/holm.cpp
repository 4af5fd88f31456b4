// SPDX-License-Identifier: Apache-2.0
#include "stats/holm.hpp"

#include <algorithm>
#include <numeric>

namespace lmbench::stats {

std::vector<double> holm_adjusted(std::span<const double> p) {
  std::vector<std::size_t> ascending(p.size());
  std::iota(ascending.begin(), ascending.end(), std::size_t{0});
  std::stable_sort(ascending.begin(), ascending.end(),
                   [p](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;  // an adjusted p is never below that of a smaller p
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    const auto tests_left = static_cast<double>(p.size() - i);
    largest = std::max(largest, std::min(1.0, tests_left * p[ascending[i]]));
    adjusted[ascending[i]] = largest;
  }
  return adjusted;
}

}  // namespace lmbench::stats
