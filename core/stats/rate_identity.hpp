// Do the rate of tokens and the time per token tell one story? In a steady window the tokens per
// second are the mean number of sequences over the mean time per token (Little's law), if each
// sequence is served alike. Where they are not, a mean time per token describes none of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "stats/steady_window.hpp"
#include "stats/timelines.hpp"

namespace lmbench::stats {

// More is worth a flag.
constexpr double kRateMismatchPercent = 5;

// How far tokens / time is from mean batch / mean over requests of their time per token, in the
// steady windows; 0: they agree. First tokens are none of decode's, and are left out. Empty where a
// request has fewer than 20 gaps in a window on average: their ends would decide.
std::optional<double> rate_mismatch_percent(const Timelines& timelines,
                                            const std::vector<Window>& windows);

}  // namespace lmbench::stats
