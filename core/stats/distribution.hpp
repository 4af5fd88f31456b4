// What is said about the samples of one metric: how many, mean, extremes, and those percentiles
// that the sample is large enough for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "stats/effective_sample.hpp"

namespace lmbench::stats {

constexpr std::array<double, 5> kPercents = {50, 75, 90, 95, 99};

struct Distribution {
  std::uint64_t n = 0;  // 0: the metric is not available, and nothing below has a meaning
  double n_eff = 0;     // independent observations among them
  double mean = 0;
  double min = 0;
  double max = 0;
  // By kPercents; linear between order statistics. Empty: n_eff is below the minimum.
  std::array<std::optional<double>, kPercents.size()> percentiles;
};

Distribution distribution_of(std::span<const Observation> observations);

}  // namespace lmbench::stats
