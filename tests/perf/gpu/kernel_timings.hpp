// Times of kernels on the GPU of this process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "../kernel_time.hpp"

namespace turbomind::perf {

// How often each kernel runs. A profiler wants each once, and keeps its caches cold itself.
struct Repetition {
  int warmups = 2;
  int runs = 15;
};

// Throw Error for a launch that fails.
double time_large_product(std::uint32_t size);  // seconds of a bf16 product size^3 by cuBLASLt
std::vector<KernelTime> time_skinny_products(Repetition repetition);
std::vector<KernelTime> time_decode_attention(Repetition repetition);
std::vector<KernelTime> time_prefill_attention(Repetition repetition);

}  // namespace turbomind::perf
