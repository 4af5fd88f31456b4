// A thread that does one thing again and again, and that can be given up: should it hang in a
// driver, its owner goes on without it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace lmbench::telemetry {

class PeriodicThread {
 public:
  // tick owns all that it needs, since it may outlive this object; it is destroyed in the thread.
  // It must not throw. The first tick is at once.
  PeriodicThread(std::chrono::milliseconds period, std::function<void()> tick);
  ~PeriodicThread();  // stop(), with a second of patience
  PeriodicThread(const PeriodicThread&) = delete;
  PeriodicThread& operator=(const PeriodicThread&) = delete;

  // True when the first tick is done, or was within the time.
  bool wait_for_first_tick(std::chrono::milliseconds patience);

  // Leaves the thread behind when it does not end within the time.
  void stop(std::chrono::milliseconds patience);

  std::uint64_t cpu_ns() const;  // that the ticks took so far
 private:
  struct State;
  std::shared_ptr<State> state_;  // the thread has the other share, and keeps it when given up
};

// A thread was given up: the process must end without clearing up.
bool has_stray_thread() noexcept;

}  // namespace lmbench::telemetry
