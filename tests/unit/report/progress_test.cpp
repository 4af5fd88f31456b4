// SPDX-License-Identifier: Apache-2.0
#include "report/progress.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace lmbench::report;

namespace {

ProgressState second_of_three() {
  ProgressState state;
  state.case_number = 2;
  state.case_count = 3;
  state.case_id = "02-b1-p1-r8";
  state.warmup_rounds = 1;
  state.warmup_wanted = {1, 1};
  state.test_wanted = {10, 10};
  return state;
}

// What a ProgressLine wrote.
template <class Use>
std::string output_of(std::size_t width, const Use& use) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = ::open_memstream(&text, &size);
  ProgressLine line(stream, width);
  use(line);
  std::fclose(stream);
  std::string written(text, size);
  std::free(text);
  return written;
}

}  // namespace

TEST_CASE("nothing is said about the time left when nothing is known") {
  CHECK_FALSE(time_left(second_of_three()).has_value());
  CHECK(progress_text(second_of_three()) == "[2/3] 02-b1-p1-r8");
}

TEST_CASE("while loading, the stage is shown") {
  ProgressState state = second_of_three();
  state.load_stage = "weights";
  state.load_fraction = 0.455;
  CHECK(progress_text(state) == "[2/3] 02-b1-p1-r8  loading: weights 46 %");
}

TEST_CASE("rounds that ended tell about this case, and that is the least there is to do") {
  ProgressState state = second_of_three();
  state.tokens = 800;
  state.since_first_token_s = 4;
  state.warmup_rounds.reset();
  CHECK(progress_text(state) == "[2/3] 02-b1-p1-r8  warm-up round 1 of 1  200.0 tok/s");
  state.rounds_done = 2;
  state.warmup_rounds = 1;
  CHECK(progress_text(state) ==
        "[2/3] 02-b1-p1-r8  round 2 of 10  200.0 tok/s  at least 18.0 s left");
}

TEST_CASE("rounds that are not given have their limits and the interval so far beside them") {
  ProgressState state = second_of_three();
  state.case_number = 3;
  state.warmup_rounds.reset();
  state.warmup_wanted = {7, 20};
  state.test_wanted = {6, 50};
  state.tokens = 800;
  state.since_first_token_s = 4;
  state.rounds_done = 4;
  // Three more of the warm-up and six of the test, a second each.
  CHECK(progress_text(state) ==
        "[3/3] 02-b1-p1-r8  warm-up round 5 (7 to 20)  200.0 tok/s  at least 9.0 s left");
  state.warmup_rounds = 8;
  state.rounds_done = 12;
  CHECK(progress_text(state) ==
        "[3/3] 02-b1-p1-r8  round 5 (6 to 50)  200.0 tok/s  at least 0.7 s left");
  state.rounds_done = 14;
  state.half_width_percent = 1.84;
  CHECK(progress_text(state) ==
        "[3/3] 02-b1-p1-r8  round 7 (6 to 50), +-1.8 %  200.0 tok/s  at least 0.0 s left");
}

TEST_CASE("cases that ended tell about those to come") {
  ProgressState state = second_of_three();
  state.mean_case_s = 30;
  CHECK(time_left(state)->seconds == 60);
  state.rounds_done = 2;
  state.since_first_token_s = 4;
  CHECK(time_left(state)->seconds == 18 + 30);
  CHECK_FALSE(time_left(state)->is_at_least);
}

TEST_CASE("the last case needs no mean of others") {
  ProgressState state = second_of_three();
  state.case_number = 3;
  state.rounds_done = 11;
  state.since_first_token_s = 4;
  CHECK(time_left(state)->seconds == 0);
  CHECK_FALSE(time_left(state)->is_at_least);
  CHECK(progress_text(state).find("round 10 of 10") != std::string::npos);
}

TEST_CASE("on a terminal the line is rewritten, and cut to its width") {
  const std::string written = output_of(10, [](ProgressLine& line) {
    line.show("a long line that would wrap");
    line.say("done");
  });
  CHECK(written == "\r\x1b[Ka long li\r\x1b[Kdone\n");
}

TEST_CASE("in a pipe there are whole lines and nothing between them") {
  const std::string written = output_of(0, [](ProgressLine& line) {
    line.say("begins");
    line.show("half way");
    line.clear();
    line.say("ended");
  });
  CHECK(written == "begins\nended\n");
}
