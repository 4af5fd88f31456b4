// What the rounds of a case say beside its metrics: how many there were, and how well the output
// rate is known from them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/round_interval.hpp"
#include "stats/timelines.hpp"

namespace lmbench::stats {

struct RoundFigures {
  std::uint32_t warmup_rounds = 0;  // of a closed loop: of each client
  std::uint32_t test_rounds = 0;
  std::optional<RateInterval> output_tok_s;
};

// Output tokens per second of each unit of statistics, in order of time. barrier: of a round, its
// tokens / (last end - due). closed loop: of ten equal slices of the steady window. Empty when a
// unit had no tokens or took no time, and without a steady window.
std::vector<double> output_rates(const Timelines& timelines, bool is_barrier);

// Throws Error when the record contradicts itself.
RoundFigures round_figures(const CaseRecord& record);

}  // namespace lmbench::stats
