// The part of a case in which its whole batch decodes and nothing else happens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "stats/timelines.hpp"

namespace lmbench::stats {

struct Window {  // (begin_ns, end_ns], never empty
  std::uint64_t begin_ns;
  std::uint64_t end_ns;
};

// barrier: one per round, from the last first token to the first end of a request. closed loop: one,
// from when all clients have a token to when the first one has no next request. A round in which
// these are the other way round has none. In order of time, without overlap.
std::vector<Window> steady_windows(const Timelines& timelines, bool is_barrier);

struct SteadyFigures {
  double window_ns = 0;  // of all windows
  std::uint64_t tokens = 0;
  double busy_ns = 0;  // time between first and last token inside windows, of all requests
  // Step gaps that lie inside a window as a whole.
  std::uint64_t gaps = 0;
  double gap_ns = 0;          // of all of them
  double context_tokens = 0;  // sum over gaps of what its request had before the token: P and new
};

SteadyFigures steady_figures(const Timelines& timelines, const std::vector<Window>& windows);

}  // namespace lmbench::stats
