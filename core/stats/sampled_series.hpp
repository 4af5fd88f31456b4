// One quantity that was looked at now and then, and what it says about a stretch of time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/steady_window.hpp"

namespace lmbench::stats {

struct Reading {
  std::uint64_t t_ns;
  double value;
};

using Series = std::vector<Reading>;  // in order of time

// How much a counter grew in the window. Between readings it grows in a straight line; where the
// window goes on beyond the readings, at the mean rate inside. Empty when the readings cover less
// than three quarters of the window, or the counter fell.
std::optional<double> growth_in(const Series& counter, const Window& window);

// Of the readings inside the window; empty without any.
std::optional<double> mean_in(const Series& series, const Window& window);
std::optional<double> max_in(const Series& series, const Window& window);

// Of all readings.
std::optional<double> max_of(const Series& series);

}  // namespace lmbench::stats
