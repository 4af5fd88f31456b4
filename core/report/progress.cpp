// SPDX-License-Identifier: Apache-2.0
#include "report/progress.hpp"

#include <algorithm>

#include "report/number_text.hpp"

namespace lmbench::report {
namespace {

constexpr const char* kClearLine = "\r\x1b[K";

std::optional<double> case_left_s(const ProgressState& state) {
  if (state.rounds_done > 0 && state.since_first_token_s > 0) {
    const auto done = static_cast<double>(state.rounds_done);
    const auto left = static_cast<double>(state.rounds_total) - done;
    return std::max(0.0, left * state.since_first_token_s / done);
  }
  if (!state.mean_case_s) return std::nullopt;
  return std::max(0.0, *state.mean_case_s - state.since_first_token_s);
}

}  // namespace

std::optional<TimeLeft> time_left(const ProgressState& state) {
  const std::optional<double> of_case = case_left_s(state);
  if (!of_case) return std::nullopt;
  const auto later_cases = static_cast<double>(state.case_count - state.case_number);
  if (later_cases == 0) return TimeLeft{*of_case, false};
  if (!state.mean_case_s) return TimeLeft{*of_case, true};
  return TimeLeft{*of_case + later_cases * *state.mean_case_s, false};
}

std::string progress_text(const ProgressState& state) {
  std::string text = "[" + std::to_string(state.case_number) + "/" +
                     std::to_string(state.case_count) + "] " + state.case_id;
  if (state.since_first_token_s > 0) {
    const std::uint32_t round = std::min(state.rounds_done + 1, state.rounds_total);
    text += "  round " + std::to_string(round) + " of " + std::to_string(state.rounds_total);
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
