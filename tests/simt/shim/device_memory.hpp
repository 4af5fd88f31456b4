// Memory that kernels may touch, for tests that launch them directly.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace simt {

// Exactly as large as asked for, so that the first byte beyond is an error. Aligned to 256 bytes.
void* device_alloc(std::size_t bytes);
void device_free(void* memory);

// The host has written there: it counts as initialised.
void device_wrote(void* memory, std::size_t bytes);

}  // namespace simt
