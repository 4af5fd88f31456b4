// A barrier for threads that meet every few microseconds: whoever waits spins briefly, then yields,
// then sleeps, so that it also works where threads outnumber CPUs. It can be broken, which wakes
// and releases everyone for good.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace turbomind {

// Waits until `value` is no longer `old`: spins, yields, then sleeps until a notify.
void wait_while_equal(const std::atomic<std::uint32_t>& value, std::uint32_t old) noexcept;

class StepBarrier {
 public:
  explicit StepBarrier(std::uint32_t parties) noexcept : parties_(parties) {}

  // Returns when all parties have come, and what each did before is visible to all. False once
  // broken.
  bool arrive_and_wait() noexcept;

  // [any]
  void break_up() noexcept;
  bool is_broken() const noexcept { return is_broken_.load(std::memory_order_acquire); }
 private:
  const std::uint32_t parties_;
  alignas(64) std::atomic<std::uint32_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> phase_{0};
  std::atomic<bool> is_broken_{false};
};

}  // namespace turbomind
