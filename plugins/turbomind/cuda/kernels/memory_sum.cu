// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "turbomind/cuda/kernels/memory_sum.hpp"
#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kThreads = 512;
// Per thread and round. In 32 registers, four blocks per SM, ptxas keeps about four of them in flight:
// 128 KiB per SM, where Little's law asks an H100 for 18.
constexpr std::uint32_t kVectorsPerRound = 8;
constexpr std::uint32_t kMostBlocks = 132 * 4 * 8;  // a few waves on any GPU

__device__ __forceinline__ std::uint32_t sum_of(uint4 v) { return v.x + v.y + v.z + v.w; }

__global__ void __launch_bounds__(kThreads)
    memory_sum_kernel(const uint4* data, std::size_t vectors, std::uint32_t* sum) {
  const simt::StreamPolicy policy = simt::stream_policy();
  std::uint32_t total = 0;
  const std::size_t stride = std::size_t{gridDim.x} * kThreads;
  std::size_t i = std::size_t{blockIdx.x} * kThreads + threadIdx.x;
  for (; i + (kVectorsPerRound - 1) * stride < vectors; i += kVectorsPerRound * stride) {
    uint4 loaded[kVectorsPerRound];
    SIMT_UNROLL
    for (std::uint32_t j = 0; j < kVectorsPerRound; ++j) {
      loaded[j] = simt::load_streamed(data + i + j * stride, policy);
    }
    SIMT_UNROLL
    for (std::uint32_t j = 0; j < kVectorsPerRound; ++j) total += sum_of(loaded[j]);
  }
  for (; i < vectors; i += stride) total += sum_of(simt::load_streamed(data + i, policy));
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    total += __shfl_xor_sync(0xFFFFFFFFU, total, lanes);
  }
  if (threadIdx.x % 32 == 0) atomicAdd(sum, total);
}

}  // namespace

void memory_sum(const void* data, std::size_t bytes, std::uint32_t* sum, Stream stream) {
  const std::size_t vectors = bytes / sizeof(uint4);
  const std::size_t blocks = (vectors + kThreads - 1) / kThreads;
  if (blocks == 0) return;
  simt::launch({.grid = dim3(static_cast<unsigned>(std::min<std::size_t>(blocks, kMostBlocks))),
                .block = dim3(kThreads),
                .stream = stream},
               memory_sum_kernel, static_cast<const uint4*>(data), vectors, sum);
}

}  // namespace turbomind::cuda
