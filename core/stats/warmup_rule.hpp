// When an engine is warm: the durations of its rounds no longer fall. Asked after each short round;
// the full round before them, in which memory is taken and kernels are chosen, is not compared.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace lmbench::stats {

// New tokens of a warm-up round after the first one, at most.
constexpr std::uint32_t kShortRoundTokens = 128;

// Durations that are compared: the last three with the three before.
constexpr std::uint32_t kComparedRounds = 6;

enum class WarmupEnd { steady, not_steady };

class WarmupRule {
 public:
  // max_rounds counts the full round too, which has been.
  WarmupRule(std::uint32_t max_rounds, double budget_ns)
      : max_rounds_(max_rounds), budget_ns_(budget_ns) {}

  // steady: the mean of the last three durations differs by no more than 1 % from that of the three
  // before. not_steady: it does not, and rounds or time are used up. Empty: another round.
  // elapsed_ns: since the full round began.
  std::optional<WarmupEnd> after_round(double duration_ns, double elapsed_ns) noexcept;

  // Before the first round: the full one may have used up all.
  bool is_used_up(double elapsed_ns) const noexcept {
    return rounds_ >= max_rounds_ || elapsed_ns >= budget_ns_;
  }
  std::uint32_t rounds_left() const noexcept { return max_rounds_ - rounds_; }
 private:
  bool is_steady() const noexcept;

  std::uint32_t max_rounds_;
  double budget_ns_;
  std::uint32_t rounds_ = 1;
  std::uint32_t durations_ = 0;
  std::array<double, kComparedRounds> last_ns_{};  // oldest first, once there are so many
};

}  // namespace lmbench::stats
