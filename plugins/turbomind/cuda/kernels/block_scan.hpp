// Sums and maxima over the threads of a block, in a fixed order. Device code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::cuda {

using Wide = unsigned long long;  // 64 bits under the name that CUDA's atomics have

// The largest value of any thread, for all threads. May be called again at once.
template <std::uint32_t kThreads>
__device__ __forceinline__ Wide block_max(Wide value) {
  constexpr std::uint32_t kWarps = kThreads / 32;
  SIMT_SHARED(Wide, largest, [kWarps]);
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    const Wide other = __shfl_xor_sync(0xFFFFFFFFU, value, lanes);
    value = other > value ? other : value;
  }
  if (threadIdx.x % 32 == 0) largest[threadIdx.x / 32] = value;
  __syncthreads();
  for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
    value = largest[warp] > value ? largest[warp] : value;
  }
  __syncthreads();
  return value;
}

struct Scan {
  Wide before;  // the sum of the threads before this one
  Wide total;
};

// The threads meet between two calls.
template <std::uint32_t kThreads>
__device__ __forceinline__ Scan block_scan(Wide value) {
  constexpr std::uint32_t kWarps = kThreads / 32;
  SIMT_SHARED(Wide, sums, [kWarps]);
  const std::uint32_t lane = threadIdx.x % 32;
  const std::uint32_t warp = threadIdx.x / 32;
  Wide inclusive = value;
  for (std::uint32_t lanes = 1; lanes < 32; lanes *= 2) {
    const Wide other = __shfl_up_sync(0xFFFFFFFFU, inclusive, lanes);
    if (lane >= lanes) inclusive += other;
  }
  if (lane == 31) sums[warp] = inclusive;
  __syncthreads();
  Scan scan{inclusive - value, 0};
  for (std::uint32_t w = 0; w < kWarps; ++w) {
    if (w < warp) scan.before += sums[w];
    scan.total += sums[w];
  }
  return scan;
}

}  // namespace turbomind::cuda
