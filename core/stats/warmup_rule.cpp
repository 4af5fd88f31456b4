// SPDX-License-Identifier: Apache-2.0
#include "stats/warmup_rule.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lmbench::stats {

std::optional<WarmupEnd> WarmupRule::after_round(double duration_ns, double elapsed_ns) noexcept {
  std::rotate(last_ns_.begin(), last_ns_.begin() + 1, last_ns_.end());
  last_ns_.back() = duration_ns;
  ++durations_;
  ++rounds_;
  if (is_steady()) return WarmupEnd::steady;
  if (is_used_up(elapsed_ns)) return WarmupEnd::not_steady;
  return std::nullopt;
}

bool WarmupRule::is_steady() const noexcept {
  constexpr double kLargestDifference = 0.01;
  if (durations_ < kComparedRounds) return false;
  const auto middle = last_ns_.begin() + kComparedRounds / 2;
  const double before = std::accumulate(last_ns_.begin(), middle, 0.0);
  const double last = std::accumulate(middle, last_ns_.end(), 0.0);
  return std::abs(last - before) <= kLargestDifference * before;
}

}  // namespace lmbench::stats
