// SPDX-License-Identifier: Apache-2.0
#include "atomics.hpp"

#include "memory_order.hpp"
#include "race_hooks.hpp"
#include "thread_block.hpp"

namespace simt {

void enter_atomic(const void* target, std::size_t bytes) {
  if (!is_in_kernel()) return;
  this_block().maybe_give_way();
  if (race_hooks != nullptr) race_hooks->atomic(target, bytes, __builtin_return_address(0));
}

void store_release_system(std::uint64_t* target, std::uint64_t value) {
  __threadfence_system();
  enter_atomic(target, sizeof *target);
  __atomic_store_n(target, value, __ATOMIC_RELEASE);
}

}  // namespace simt

unsigned atomicAdd(unsigned* target, unsigned value) {
  simt::enter_atomic(target, sizeof *target);
  return __atomic_fetch_add(target, value, __ATOMIC_RELAXED);
}

unsigned long long atomicAdd(unsigned long long* target, unsigned long long value) {
  simt::enter_atomic(target, sizeof *target);
  return __atomic_fetch_add(target, value, __ATOMIC_RELAXED);
}

unsigned atomicOr(unsigned* target, unsigned value) {
  simt::enter_atomic(target, sizeof *target);
  return __atomic_fetch_or(target, value, __ATOMIC_RELAXED);
}

unsigned atomicInc(unsigned* target, unsigned limit) {
  simt::enter_atomic(target, sizeof *target);
  unsigned old = __atomic_load_n(target, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(target, &old, old >= limit ? 0 : old + 1, false,
                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return old;
}
