// What is shown while a run goes on: one line that is rewritten on a terminal, whole lines at begin
// and end of a case elsewhere. Times are given, not taken.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace lmbench::report {

struct RoundsWanted {
  std::uint32_t least = 0;
  std::uint32_t most = 0;  // the same as least where the number was given

  bool is_given() const noexcept { return least == most; }
};

struct ProgressState {
  std::size_t case_number = 0;  // from 1
  std::size_t case_count = 0;
  std::string case_id;

  std::string load_stage;  // while there is no token yet
  double load_fraction = 0;

  std::uint32_t rounds_done = 0;               // warm-up included
  std::optional<std::uint32_t> warmup_rounds;  // that it took; none: it is not over
  RoundsWanted warmup_wanted;
  RoundsWanted test_wanted;
  double half_width_percent = 0;      // of the rate's interval so far; 0: none yet
  std::uint64_t tokens = 0;           // since the first ones were seen
  double since_first_token_s = 0;     // 0: none yet
  std::optional<double> mean_case_s;  // of the cases that have ended
};

struct TimeLeft {
  double seconds;
  bool is_at_least;  // later cases are not in it
};

// From the rounds of this case and the mean of earlier cases; empty when neither says anything.
std::optional<TimeLeft> time_left(const ProgressState& state);

// "[3/20] 03-b1-p128-r2048  round 2 of 10  101.2 tok/s  about 3 min 20 s left"
// "[3/20] 03-b1-p128-r2048  round 7 (6 to 50), +-1.8 %  101.2 tok/s"
std::string progress_text(const ProgressState& state);

class ProgressLine {
 public:
  // width: of the terminal in columns; 0: the stream is none.
  ProgressLine(std::FILE* stream, std::size_t width) : stream_(stream), width_(width) {}

  void show(const std::string& text);     // on a terminal only, in place of the line before
  void say(const std::string& sentence);  // stays
  void clear();
 private:
  std::FILE* stream_;
  std::size_t width_;
};

}  // namespace lmbench::report
