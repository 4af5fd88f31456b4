// What the engine costs while it does nothing, and what its calls cost.
// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "clock.hpp"
#include "conformance/test_engine.hpp"
#include "report/number_text.hpp"

namespace lmbench::conformance {
namespace {

std::uint64_t cpu_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

Finding idle_under_2_percent(const Subject& subject) {
  constexpr double kMostShare = 0.02;
  constexpr int kTries = 3;
  TestEngine engine(subject);
  engine.must_load();
  engine.must_submit({Ask{}});
  engine.must_end();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // to come to rest
  double least = 1e9;
  for (int i = 0; i < kTries && least > kMostShare; ++i) {
    const std::uint64_t begin_ns = monotonic_now_ns();
    const std::uint64_t begin_cpu_ns = cpu_now_ns();
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    least = std::min(least, static_cast<double>(cpu_now_ns() - begin_cpu_ns) /
                                static_cast<double>(monotonic_now_ns() - begin_ns));
  }
  const std::string used = report::fixed_text(100 * least, 1) + " % of a core";
  if (least <= kMostShare) return pass("it used " + used + " while it had nothing to do");
  return fail("it used " + used + " while it had nothing to do, in the best of 3 tries");
}

Finding submit_does_not_wait(const Subject& subject) {
  constexpr double kMostShare = 0.5;
  constexpr double kShortMs = 10;  // below it nobody can tell
  constexpr int kTries = 3;
  TestEngine engine(subject);
  engine.must_load();
  double share = 0;
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t begin_ns = monotonic_now_ns();
    engine.must_submit({{.min_new_tokens = 128, .max_new_tokens = 128}});
    const auto submit_ns = static_cast<double>(monotonic_now_ns() - begin_ns);
    engine.must_end();
    const auto whole_ns = static_cast<double>(monotonic_now_ns() - begin_ns);
    share = submit_ns / whole_ns;
    if (whole_ns < kShortMs * 1e6) {
      return pass("a request of 128 tokens is over too soon to tell");
    }
    if (share <= kMostShare) {
      return pass("submit() took " + report::fixed_text(100 * share, 1) +
                  " % of the time of its request");
    }
  }
  return fail("in three tries of three submit() took over half of the time of its request (" +
              report::fixed_text(100 * share, 0) + " %)");
}

Finding events_per_call(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  engine.must_submit(std::vector<Ask>(8, {.min_new_tokens = 32, .max_new_tokens = 32}));
  engine.must_end();
  const double events = static_cast<double>(engine.events()) / static_cast<double>(engine.calls());
  return pass("eight requests at once: " + report::fixed_text(events, 1) +
              " events in a call of on_events() (best: one call for each step)");
}

constexpr std::array<CheckCase, 3> kCases = {{
    {"cost/idle-under-2-percent", "an engine without work leaves the processor alone",
     idle_under_2_percent},
    {"cost/submit-does-not-wait", "submit() does not wait for generation", submit_does_not_wait},
    {"cost/events-per-call", "how many events come together", events_per_call},
}};

}  // namespace

std::span<const CheckCase> cost_cases() { return kCases; }

}  // namespace lmbench::conformance
