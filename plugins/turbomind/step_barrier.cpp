// SPDX-License-Identifier: Apache-2.0
#include "turbomind/step_barrier.hpp"

#include <sched.h>

namespace turbomind {
namespace {

constexpr int kSpins = 128;   // a few microseconds
constexpr int kYields = 256;  // some hundred microseconds where nobody else wants the CPU

void pause_briefly() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

void wait_while_equal(const std::atomic<std::uint32_t>& value, std::uint32_t old) noexcept {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause_briefly();
  }
  for (int i = 0; i < kYields; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    sched_yield();
  }
  value.wait(old, std::memory_order_acquire);
}

bool StepBarrier::arrive_and_wait() noexcept {
  // Read before arriving: the last one to come changes it.
  const std::uint32_t phase = phase_.load(std::memory_order_acquire);
  if (is_broken()) return false;
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == parties_) {
    arrived_.store(0, std::memory_order_relaxed);
    phase_.fetch_add(1);
    phase_.notify_all();
  } else {
    wait_while_equal(phase_, phase);
  }
  return !is_broken();
}

void StepBarrier::break_up() noexcept {
  is_broken_.store(true);
  phase_.fetch_add(1);
  phase_.notify_all();
}

}  // namespace turbomind
