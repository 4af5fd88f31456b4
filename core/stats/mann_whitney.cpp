// SPDX-License-Identifier: Apache-2.0
#include "stats/mann_whitney.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace lmbench::stats {
namespace {

constexpr std::size_t kLargestExactSample = 50;

struct Value {
  double value;
  bool is_of_first;
};

struct Ranking {
  double first_rank_sum = 0;  // equal values share the mean of their ranks
  double tie_term = 0;        // sum over groups of t equal values of t^3 - t
};

Ranking rank(std::span<const double> first, std::span<const double> second) {
  std::vector<Value> values;
  values.reserve(first.size() + second.size());
  for (const double value : first) values.push_back({value, true});
  for (const double value : second) values.push_back({value, false});
  std::sort(values.begin(), values.end(),
            [](const Value& a, const Value& b) { return a.value < b.value; });
  Ranking ranking;
  for (std::size_t begin = 0; begin < values.size();) {
    std::size_t end = begin;
    std::size_t of_first = 0;
    for (; end < values.size() && values[end].value == values[begin].value; ++end) {
      of_first += values[end].is_of_first ? 1 : 0;
    }
    const double mean_rank = static_cast<double>(begin + 1 + end) / 2;
    const auto equal = static_cast<double>(end - begin);
    ranking.first_rank_sum += mean_rank * static_cast<double>(of_first);
    ranking.tie_term += equal * equal * equal - equal;
    begin = end;
  }
  return ranking;
}

// P(U = u) for u = 0 ... n m, when all orders of the n + m values are as likely. By the largest of
// them: one of the first sample adds m pairs, one of the second adds none.
std::vector<double> distribution_of_u(std::size_t n, std::size_t m) {
  // By the size of the second sample, of the first sample's size that the loop is at.
  std::vector<std::vector<double>> by_second(m + 1, std::vector<double>(n * m + 1, 0.0));
  for (auto& chances : by_second) chances[0] = 1;  // an empty first sample
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t j = 1; j <= m; ++j) {
      const double share = static_cast<double>(i) / static_cast<double>(i + j);
      for (std::size_t u = i * j + 1; u-- > 0;) {
        const double with_first = u >= j ? by_second[j][u - j] : 0;  // still of size i - 1
        by_second[j][u] = share * with_first + (1 - share) * by_second[j - 1][u];
      }
    }
  }
  return by_second[m];
}

double exact_p(double u, std::size_t n, std::size_t m) {
  const std::vector<double> chances = distribution_of_u(n, m);
  const double smaller = std::min(u, static_cast<double>(n * m) - u);  // it is symmetric
  const auto end = chances.begin() + static_cast<std::ptrdiff_t>(smaller) + 1;
  return std::min(1.0, 2 * std::accumulate(chances.begin(), end, 0.0));
}

double normal_p(double u, double n, double m, double tie_term) {
  const double all = n + m;
  const double variance = n * m / 12 * (all + 1 - tie_term / (all * (all - 1)));
  if (variance <= 0) return 1;  // all values are equal
  const double distance = std::max(0.0, std::abs(u - n * m / 2) - 0.5);
  return std::erfc(distance / std::sqrt(2 * variance));
}

}  // namespace

MannWhitney mann_whitney(std::span<const double> first, std::span<const double> second) {
  if (first.empty() || second.empty()) throw std::logic_error("a sample has at least one value");
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());
  const Ranking ranking = rank(first, second);
  MannWhitney test;
  test.u = ranking.first_rank_sum - n * (n + 1) / 2;
  test.is_exact =
      ranking.tie_term == 0 && std::max(first.size(), second.size()) <= kLargestExactSample;
  test.p = test.is_exact ? exact_p(test.u, first.size(), second.size())
                         : normal_p(test.u, n, m, ranking.tie_term);
  return test;
}

}  // namespace lmbench::stats
