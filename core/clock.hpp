// The one clock of the project: CLOCK_MONOTONIC in nanoseconds, common to all processes of the
// machine. Not std::chrono::high_resolution_clock, which libstdc++ aliases to the settable one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <cstdint>

namespace lmbench {

inline std::uint64_t monotonic_now_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace lmbench
