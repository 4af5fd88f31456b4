// How fast the GPU reads its memory, measured now: what a decode step is bound by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace turbomind::cuda {

// Bytes per second of a kernel that only reads, over more memory than any cache holds; the best of a
// few passes. 0: it could not be measured (no memory left).
double measure_read_bandwidth(std::uint32_t device);

}  // namespace turbomind::cuda
