// SPDX-License-Identifier: Apache-2.0
#include "stats/rate_identity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace lmbench::stats {
namespace {

constexpr double kFewestGapsOfRequest = 20;

// Of one window, or of several together.
struct Seen {
  std::uint64_t tokens = 0;    // that ended a gap inside
  double busy_ns = 0;          // of all requests, between their first and last token inside
  double ns_per_token = 0;     // sum over requests
  std::uint64_t requests = 0;  // with a gap inside
  std::uint64_t gaps = 0;
};

void look_at(const Timeline& line, const Window& window, Seen& seen) {
  if (!line.has_tokens() || line.last_token_ns() < window.begin_ns ||
      line.first_token_ns() > window.end_ns) {
    return;
  }
  std::uint64_t begin_ns = 0;  // its first event inside; 0: none yet
  std::uint64_t end_ns = 0;
  std::uint64_t tokens = 0;
  for (const EventRecord& event : line.token_events) {
    if (event.t_ns < window.begin_ns || event.t_ns > window.end_ns) continue;
    if (begin_ns == 0) {
      begin_ns = event.t_ns;
      continue;
    }
    end_ns = event.t_ns;
    tokens += event.token_count;
    ++seen.gaps;
  }
  if (tokens == 0 || end_ns <= begin_ns) return;
  const double busy_ns = ns_between(begin_ns, end_ns);
  seen.tokens += tokens;
  seen.busy_ns += busy_ns;
  seen.ns_per_token += busy_ns / static_cast<double>(tokens);
  ++seen.requests;
}

}  // namespace

std::optional<double> rate_mismatch_percent(const Timelines& timelines,
                                            const std::vector<Window>& windows) {
  Seen seen;
  for (const Window& window : windows) {
    for (const Timeline& line : timelines.all()) look_at(line, window, seen);
  }
  if (seen.requests == 0 || seen.busy_ns <= 0 ||
      static_cast<double>(seen.gaps) < kFewestGapsOfRequest * static_cast<double>(seen.requests)) {
    return std::nullopt;
  }
  // Both rates are over the same time, which cancels.
  const double mean_ns = seen.ns_per_token / static_cast<double>(seen.requests);
  const double expected_tokens = seen.busy_ns / mean_ns;
  return std::abs(static_cast<double>(seen.tokens) / expected_tokens - 1) * 100;
}

}  // namespace lmbench::stats
