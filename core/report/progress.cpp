// SPDX-License-Identifier: Apache-2.0
#include "report/progress.hpp"

#include <algorithm>

#include "report/number_text.hpp"

namespace lmbench::report {
namespace {

constexpr const char* kClearLine = "\r\x1b[K";

struct PhaseState {
  const char* name;
  std::uint32_t done;
  RoundsWanted wanted;
};

PhaseState phase_of(const ProgressState& state) {
  if (!state.warmup_rounds) return {"warm-up round ", state.rounds_done, state.warmup_wanted};
  return {"round ", state.rounds_done - std::min(*state.warmup_rounds, state.rounds_done),
          state.test_wanted};
}

double rounds_left(std::uint32_t done, const RoundsWanted& wanted) {
  return std::max(0.0, static_cast<double>(wanted.least) - done);
}

// As if rounds went on taking what they took on average.
std::optional<TimeLeft> case_left(const ProgressState& state) {
  if (state.rounds_done > 0 && state.since_first_token_s > 0) {
    const PhaseState phase = phase_of(state);
    const bool is_warming_up = !state.warmup_rounds;
    const double left =
        rounds_left(phase.done, phase.wanted) + (is_warming_up ? state.test_wanted.least : 0);
    const bool is_given = phase.wanted.is_given() && state.test_wanted.is_given();
    return TimeLeft{left * state.since_first_token_s / state.rounds_done, !is_given};
  }
  if (!state.mean_case_s) return std::nullopt;
  return TimeLeft{std::max(0.0, *state.mean_case_s - state.since_first_token_s), false};
}

// "round 2 of 10", "round 7 (6 to 50), +-1.8 %"
std::string round_text(const ProgressState& state) {
  const PhaseState phase = phase_of(state);
  const std::uint32_t round = std::min(phase.done + 1, phase.wanted.most);
  std::string text = phase.name + std::to_string(round);
  if (phase.wanted.is_given()) return text + " of " + std::to_string(phase.wanted.most);
  text +=
      " (" + std::to_string(phase.wanted.least) + " to " + std::to_string(phase.wanted.most) + ")";
  if (state.warmup_rounds && state.half_width_percent > 0) {
    text += ", +-" + fixed_text(state.half_width_percent, 1) + " %";
  }
  return text;
}

}  // namespace

std::optional<TimeLeft> time_left(const ProgressState& state) {
  std::optional<TimeLeft> left = case_left(state);
  const auto later_cases = static_cast<double>(state.case_count - state.case_number);
  if (!left || later_cases == 0) return left;
  if (!state.mean_case_s) return TimeLeft{left->seconds, true};
  left->seconds += later_cases * *state.mean_case_s;
  return left;
}

std::string progress_text(const ProgressState& state) {
  std::string text = "[" + std::to_string(state.case_number) + "/" +
                     std::to_string(state.case_count) + "] " + state.case_id;
  if (state.since_first_token_s > 0) {
    text += "  " + round_text(state);
    text += "  " + fixed_text(static_cast<double>(state.tokens) / state.since_first_token_s, 1) +
            " tok/s";
  } else if (!state.load_stage.empty()) {
    text +=
        "  loading: " + state.load_stage + " " + fixed_text(state.load_fraction * 100, 0) + " %";
  }
  if (const auto left = time_left(state)) {
    text += std::string("  ") + (left->is_at_least ? "at least " : "about ") +
            duration_text(left->seconds) + " left";
  }
  return text;
}

void ProgressLine::show(const std::string& text) {
  if (width_ == 0) return;
  // A full line would wrap, and its first half could not be taken back.
  std::fprintf(stream_, "%s%s", kClearLine, text.substr(0, width_ - 1).c_str());
  std::fflush(stream_);
}

void ProgressLine::say(const std::string& sentence) {
  clear();
  std::fprintf(stream_, "%s\n", sentence.c_str());
  std::fflush(stream_);
}

void ProgressLine::clear() {
  if (width_ == 0) return;
  std::fputs(kClearLine, stream_);
  std::fflush(stream_);
}

}  // namespace lmbench::report
