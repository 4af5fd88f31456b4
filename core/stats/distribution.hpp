// What is said about the samples of one metric: how many, mean, extremes, those percentiles that the
// sample is large enough for, and what it says about each with confidence.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "stats/effective_sample.hpp"
#include "stats/percentile_bounds.hpp"

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
  // By kPercents: where the percentile lies with 95 % confidence, given or not. A side is empty
  // where n_eff observations cannot say it.
  std::array<PercentileBounds, kPercents.size()> bounds;
};

Distribution distribution_of(std::span<const Observation> observations);

}  // namespace lmbench::stats
