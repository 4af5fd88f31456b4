// How many independent observations a sample is worth. Requests of one engine step share its stamp,
// and neighbouring steps resemble each other: ten thousand tokens may be a hundred observations.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace lmbench::stats {

struct Observation {
  double value;            // nanoseconds, or what else is summarised
  std::uint64_t stamp_ns;  // when it was seen: those of one stamp are one observation
  double position;         // tokens that its request had before it; 0 where that has no meaning
  std::uint64_t weight;    // how many equal values it stands for
};

// n * (1 - rho) / (1 + rho), rho cut to [0, 0.9].
double effective_size(double n, double rho) noexcept;

// effective_size(n_distinct, rho). n_distinct: different stamps; rho: lag-1 autocorrelation of
// the means per stamp, in order of time, after a straight line in position is removed.
double effective_sample_size(std::span<const Observation> observations);

// The least effective sample for a percentile: with 99 % confidence not more than one of so many
// independent samples lies above it (the early-stopping rule of MLPerf). One of 50, 75, 90, 95, 97,
// 99, 99.9; any other is a mistake of ours.
double minimum_effective_sample(double percent);

}  // namespace lmbench::stats
