// Fences, and the store that publishes to the host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "race_hooks.hpp"

inline void __threadfence() {
  if (simt::race_hooks != nullptr) simt::race_hooks->fence();
}
inline void __threadfence_system() { __threadfence(); }

namespace simt {

void store_release_system(std::uint64_t* target, std::uint64_t value);

}  // namespace simt
