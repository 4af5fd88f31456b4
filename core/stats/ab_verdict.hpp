// What an A/B session may say about each gate metric of each case. A difference is claimed when it
// is larger than the smallest one that matters, at a level that holds for the whole session, and
// larger than what two launches of the same build differ by. That nothing changed is a claim too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stats/paired_effect.hpp"

namespace lmbench::stats {

enum class Verdict { faster, slower, same, unclear, invalid };

std::string_view name_of(Verdict verdict) noexcept;  // "FASTER", ...

// Of ln ratios: 0.003 is 0.3 %.
struct Thresholds {
  double min_effect = 0.003;  // smaller differences are never called
  double detect = 0.01;       // the size that must not be missed; above min_effect
  double level = 0.05;        // of all claims of a session together

  // The half-width of the interval at which a difference of `detect` is found with 90 % power.
  double wanted_half_width() const noexcept { return (detect - min_effect) / 1.65; }
};

// One gate. Empty effects: too few complete rounds.
struct Gate {
  std::optional<Effect> candidate;
  std::optional<Effect> repeat;
  std::string invalid_reason;  // of a precondition that failed: "throttled"; empty: none
};

struct GateVerdict {
  Verdict verdict = Verdict::invalid;
  std::string reason;     // of unclear and invalid, a code such as "too_few_rounds"
  double adjusted_p = 1;  // Holm's, over the gates of the session
  std::optional<std::uint32_t> rounds_needed;  // for the wanted width, at the spread seen
};

// Complete rounds below which no verdict is given.
constexpr std::uint32_t kLeastRounds = 6;

// places: arms of a round. most_rounds: what the session could run at most. In the order of gates.
std::vector<GateVerdict> ab_verdicts(std::span<const Gate> gates, const Thresholds& thresholds,
                                     std::uint32_t places, std::uint32_t most_rounds);

}  // namespace lmbench::stats
