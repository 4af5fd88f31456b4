// CUDA's atomic operations. Real ones: grids of several streams may run on several threads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace simt {

// What comes before any: another thread may go first, and the race checker learns of it.
void enter_atomic(const void* target, std::size_t bytes);

}  // namespace simt

unsigned atomicAdd(unsigned* target, unsigned value);
unsigned long long atomicAdd(unsigned long long* target, unsigned long long value);
unsigned atomicOr(unsigned* target, unsigned value);

// old >= limit ? 0 : old + 1.
unsigned atomicInc(unsigned* target, unsigned limit);
