// SPDX-License-Identifier: Apache-2.0
#include "stats/sampled_series.hpp"

#include <algorithm>

namespace lmbench::stats {
namespace {

constexpr double kLeastCoverage = 0.75;

// t_ns: not before the first reading and not after the last.
double value_at(const Series& series, std::uint64_t t_ns) {
  const auto after = std::lower_bound(series.begin(), series.end(), t_ns,
                                      [](const Reading& r, std::uint64_t t) { return r.t_ns < t; });
  if (after->t_ns == t_ns || after == series.begin()) return after->value;
  const auto before = after - 1;
  const double share =
      static_cast<double>(t_ns - before->t_ns) / static_cast<double>(after->t_ns - before->t_ns);
  return before->value + share * (after->value - before->value);
}

template <class Sink>
void each_inside(const Series& series, const Window& window, const Sink& sink) {
  for (const Reading& reading : series) {
    if (reading.t_ns >= window.begin_ns && reading.t_ns <= window.end_ns) sink(reading.value);
  }
}

}  // namespace

std::optional<double> growth_in(const Series& counter, const Window& window) {
  if (counter.size() < 2 || window.end_ns <= window.begin_ns) return std::nullopt;
  const std::uint64_t begin_ns = std::max(window.begin_ns, counter.front().t_ns);
  const std::uint64_t end_ns = std::min(window.end_ns, counter.back().t_ns);
  if (end_ns <= begin_ns) return std::nullopt;
  const double coverage =
      static_cast<double>(end_ns - begin_ns) / static_cast<double>(window.end_ns - window.begin_ns);
  const double growth = value_at(counter, end_ns) - value_at(counter, begin_ns);
  if (coverage < kLeastCoverage || growth < 0) return std::nullopt;
  return growth / coverage;
}

std::optional<double> mean_in(const Series& series, const Window& window) {
  double sum = 0;
  std::size_t n = 0;
  each_inside(series, window, [&sum, &n](double value) {
    sum += value;
    ++n;
  });
  if (n == 0) return std::nullopt;
  return sum / static_cast<double>(n);
}

std::optional<double> max_in(const Series& series, const Window& window) {
  std::optional<double> most;
  each_inside(series, window,
              [&most](double value) { most = std::max(most.value_or(value), value); });
  return most;
}

std::optional<double> max_of(const Series& series) {
  std::optional<double> most;
  for (const Reading& reading : series)
    most = std::max(most.value_or(reading.value), reading.value);
  return most;
}

}  // namespace lmbench::stats
