// When a case has been measured well enough: its interval is narrow, or its rounds or its time are
// used up. Looks at the width alone, never at the value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stats/round_interval.hpp"

namespace lmbench::stats {

enum class StopReason { width, max_rounds, budget, fixed };

// As it stands in results.csv.
std::string_view name_of(StopReason reason) noexcept;

struct StoppingLimits {
  std::uint32_t min_rounds = 0;
  std::uint32_t max_rounds = 0;
  double budget_ns = 0;
  double half_width_percent = 0;  // narrow enough
};

class StoppingRule {
 public:
  // Takes the memory for most_rounds rounds.
  StoppingRule(const StoppingLimits& limits, std::uint32_t most_rounds);

  // After each round; empty: another one. Time stops the test even before min_rounds.
  // elapsed_ns: since the test began. Allocates nothing for most_rounds rounds.
  std::optional<StopReason> after_round(double rate, double elapsed_ns);

  // After the latest round.
  const std::optional<RateInterval>& interval() const noexcept { return interval_; }
 private:
  StoppingLimits limits_;
  std::vector<double> ln_rates_;
  std::optional<RateInterval> interval_;
};

}  // namespace lmbench::stats
