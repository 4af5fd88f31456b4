// The figures of profile_generation.py, by its definitions but from exact stamps: no rounding
// before a value is printed, and tokens that came together share their gap instead of being 0.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "stats/case_record.hpp"

namespace lmbench::stats {

struct Spread {
  double mean_s = 0;
  double min_s = 0;
  double max_s = 0;
};

constexpr std::array<double, 4> kLegacyPercents = {50, 75, 95, 99};

struct LegacyFigures {
  double total_s = 0;                                    // first due to last end
  double throughput_tok_s = 0;                           // output tokens only
  Spread first_token_latency;                            // from due
  Spread total_token_latency;                            // from due to the last token
  std::optional<std::array<double, 4>> token_latency_s;  // by kLegacyPercents; empty without a gap
};

// Empty when the record has no whole test request. Throws Error when it contradicts itself.
std::optional<LegacyFigures> legacy_figures(const CaseRecord& record);

}  // namespace lmbench::stats
