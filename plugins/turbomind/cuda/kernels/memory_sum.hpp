// A kernel that does nothing but read: the yardstick of every share of bandwidth. A copy would share
// the memory bus with its own writes and come out lower than kernels that mostly read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

// sum += the 32-bit words of data, modulo 2^32. bytes is a multiple of 16; data is aligned to 16.
void memory_sum(const void* data, std::size_t bytes, std::uint32_t* sum, Stream stream);

}  // namespace turbomind::cuda
