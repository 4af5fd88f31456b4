// Counts what operator new is asked for, in every executable that has allocation_count.cpp among
// its sources: for the promise that a hot path calls no allocator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lmbench::test {

// [any] Calls of operator new so far, of all threads.
std::uint64_t allocation_count() noexcept;

}  // namespace lmbench::test
