// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_clock.hpp"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>

namespace lmbench::sim {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t kLongestNapNs = 20'000'000;  // so that a long step can be stopped

class MonotonicClock final : public SimClock {
 public:
  std::uint64_t now_ns() noexcept override {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * kNanosecondsPerSecond +
           static_cast<std::uint64_t>(now.tv_nsec);
  }

  void sleep_until(std::uint64_t deadline_ns,
                   const std::atomic<bool>& is_stopping) noexcept override {
    prctl(PR_SET_TIMERSLACK, 1UL);  // of this thread; the default of 50 us is a step's worth
    std::uint64_t now = now_ns();
    while (now < deadline_ns && !is_stopping.load(std::memory_order_relaxed)) {
      const std::uint64_t until = std::min(deadline_ns, now + kLongestNapNs);
      timespec at{};
      at.tv_sec = static_cast<time_t>(until / kNanosecondsPerSecond);
      at.tv_nsec = static_cast<long>(until % kNanosecondsPerSecond);
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
      now = now_ns();
    }
  }
};

}  // namespace

std::unique_ptr<SimClock> make_monotonic_clock() { return std::make_unique<MonotonicClock>(); }

}  // namespace lmbench::sim
