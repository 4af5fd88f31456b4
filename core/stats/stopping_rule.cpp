// SPDX-License-Identifier: Apache-2.0
#include "stats/stopping_rule.hpp"

#include <array>
#include <cmath>

namespace lmbench::stats {

std::string_view name_of(StopReason reason) noexcept {
  constexpr std::array<std::string_view, 4> kNames = {"width", "max_rounds", "budget", "fixed"};
  return kNames[static_cast<std::size_t>(reason)];
}

StoppingRule::StoppingRule(const StoppingLimits& limits, std::uint32_t most_rounds)
    : limits_(limits) {
  ln_rates_.reserve(most_rounds);
}

std::optional<StopReason> StoppingRule::after_round(double rate, double elapsed_ns) {
  ln_rates_.push_back(std::log(rate));
  interval_ = rate_interval(ln_rates_);
  const bool is_narrow = interval_ && interval_->half_width_percent <= limits_.half_width_percent;
  if (is_narrow && ln_rates_.size() >= limits_.min_rounds) return StopReason::width;
  if (ln_rates_.size() >= limits_.max_rounds) return StopReason::max_rounds;
  if (elapsed_ns >= limits_.budget_ns) return StopReason::budget;
  return std::nullopt;
}

}  // namespace lmbench::stats
