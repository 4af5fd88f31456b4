// The engine's view of time, so that tests can run it in virtual time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace lmbench::sim {

class SimClock {
 public:
  SimClock() = default;
  SimClock(const SimClock&) = delete;
  SimClock& operator=(const SimClock&) = delete;
  virtual ~SimClock() = default;

  virtual std::uint64_t now_ns() noexcept = 0;
  // Returns at deadline_ns, or a little after is_stopping has become true.
  virtual void sleep_until(std::uint64_t deadline_ns,
                           const std::atomic<bool>& is_stopping) noexcept = 0;
};

// CLOCK_MONOTONIC.
std::unique_ptr<SimClock> make_monotonic_clock();

}  // namespace lmbench::sim
