// Every mistake has its name; `right_` before it is the same kernel without it.
// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <map>
#include <vector>

#include "checker/kernels.hpp"
#include "device_array.hpp"
#include "turbomind/cuda/kernels/simt.hpp"

namespace lmbench::test {
namespace {

constexpr std::uint32_t kThreads = 64;
constexpr std::uint32_t kBlocks = 3;

// Each thread reads what another wrote.
template <bool kIsRight>
__global__ void rotate(std::uint32_t* out) {
  SIMT_SHARED(std::uint32_t, values, [kThreads]);
  values[threadIdx.x] = threadIdx.x;
  if (kIsRight) __syncthreads();
  out[blockIdx.x * kThreads + threadIdx.x] = values[(threadIdx.x + 33) % kThreads];
}

// A result that all threads store, though they store the same.
template <bool kIsRight>
__global__ void store_once(std::uint32_t* out) {
  if (!kIsRight || threadIdx.x == 0) out[blockIdx.x] = 5;
}

template <bool kIsRight>
__global__ void count(std::uint32_t* out) {
  SIMT_SHARED(std::uint32_t, total, [1]);
  if (threadIdx.x == 0) total[0] = 0;
  __syncthreads();
  if (kIsRight) {
    atomicAdd(total, 1U);
  } else {
    total[0] = total[0] + 1;
  }
  __syncthreads();
  if (threadIdx.x == 0) out[blockIdx.x] = total[0];
}

// The block that takes the last ticket reads what the others left.
template <bool kHasFence>
__global__ void last_block(std::uint32_t* out, std::uint32_t* ticket) {
  SIMT_SHARED(std::uint32_t, taken, [1]);
  out[blockIdx.x * kThreads + threadIdx.x] = threadIdx.x;
  __syncthreads();
  if (threadIdx.x == 0) {
    if (kHasFence) __threadfence();
    taken[0] = atomicInc(ticket, gridDim.x - 1);
  }
  __syncthreads();
  if (taken[0] != gridDim.x - 1) return;
  std::uint32_t sum = 0;
  for (std::uint32_t block = 0; block < gridDim.x; ++block) {
    sum += out[block * kThreads + threadIdx.x];
  }
  out[kBlocks * kThreads + threadIdx.x] = sum;
}

__global__ void shared_out_of_bounds(std::uint32_t* out) {
  SIMT_SHARED(std::uint32_t, values, [kThreads]);
  values[threadIdx.x + 1] = 1;
  out[blockIdx.x * kThreads + threadIdx.x] = 1;
}

__global__ void global_out_of_bounds(std::uint32_t* out) { out[threadIdx.x + 1000] = 1; }

__global__ void shared_uninitialised(std::uint32_t* out) {
  SIMT_SHARED(std::uint32_t, values, [kThreads]);
  if (threadIdx.x < kThreads - 1) values[threadIdx.x] = 1;
  out[blockIdx.x * kThreads + threadIdx.x] = values[threadIdx.x];
}

__global__ void global_uninitialised(std::uint32_t* out) {
  out[threadIdx.x] = out[threadIdx.x + kThreads];
}

__global__ void host_memory(std::uint32_t* out, const std::uint32_t* host) {
  if (threadIdx.x == 0) out[blockIdx.x] = host[0];
}

__global__ void misaligned(std::uint32_t* out) {
  if (threadIdx.x + blockIdx.x == 0) *reinterpret_cast<unsigned long long*>(out + 1) = 1;
}

__global__ void divergent_barrier(std::uint32_t* out) {
  if (threadIdx.x < 32) {
    out[threadIdx.x] = 1;
    __syncthreads();
  } else {
    __syncthreads();
  }
}

__global__ void early_return(std::uint32_t* out) {
  if (threadIdx.x > 40) return;
  __syncthreads();
  out[threadIdx.x] = 1;
}

__global__ void barrier_in_a_branch(std::uint32_t* out) {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    out[threadIdx.x] = __shfl_xor_sync(0xFFFFFFFFU, threadIdx.x, 1);
  }
}

__global__ void lane_not_in_mask(std::uint32_t* out) {
  out[threadIdx.x] = __shfl_xor_sync(0x0000FFFFU, threadIdx.x, 1);
}

__global__ void absent_source(std::uint32_t* out) {
  if (threadIdx.x % 32 < 16) out[threadIdx.x] = __shfl_xor_sync(0x0000FFFFU, threadIdx.x, 16);
}

__global__ void different_exchanges(std::uint32_t* out) {
  if (threadIdx.x % 2 == 0) {
    out[threadIdx.x] = __shfl_xor_sync(0xFFFFFFFFU, threadIdx.x, 1);
  } else {
    out[threadIdx.x] = __any_sync(0xFFFFFFFFU, true) ? 1 : 0;
  }
}

__global__ void lane_left_behind(std::uint32_t* out) {
  if (threadIdx.x % 32 < 31) {
    out[threadIdx.x] = __shfl_xor_sync(0xFFFFFFFFU, threadIdx.x, 1);
  } else {
    __syncthreads();
  }
}

struct Memory {
  DeviceArray<std::uint32_t> out{(kBlocks + 1) * kThreads};
  DeviceArray<std::uint32_t> ticket{std::vector<std::uint32_t>{0}};
};

using Run = std::function<void(Memory&)>;

template <class... Parameters>
Run over_blocks(void (*kernel)(std::uint32_t*, Parameters...)) {
  return [kernel](Memory& memory) {
    const simt::Launch launch{.grid = dim3(kBlocks), .block = dim3(kThreads)};
    if constexpr (sizeof...(Parameters) == 0) {
      simt::launch(launch, kernel, memory.out.get());
    } else {
      simt::launch(launch, kernel, memory.out.get(), memory.ticket.get());
    }
  };
}

}  // namespace

void run_kernel(const std::string& name) {
  const std::vector<std::uint32_t> of_host(4);
  const std::map<std::string, Run> kernels{
      {"right_missing_barrier", over_blocks(rotate<true>)},
      {"missing_barrier", over_blocks(rotate<false>)},
      {"right_store_by_all", over_blocks(store_once<true>)},
      {"store_by_all", over_blocks(store_once<false>)},
      {"right_plain_add", over_blocks(count<true>)},
      {"plain_add", over_blocks(count<false>)},
      {"right_missing_fence", over_blocks(last_block<true>)},
      {"missing_fence", over_blocks(last_block<false>)},
      {"shared_out_of_bounds", over_blocks(shared_out_of_bounds)},
      {"global_out_of_bounds", over_blocks(global_out_of_bounds)},
      {"shared_uninitialised", over_blocks(shared_uninitialised)},
      {"global_uninitialised", over_blocks(global_uninitialised)},
      {"host_memory",
       [&](Memory& memory) {
         simt::launch({.grid = dim3(1), .block = dim3(kThreads)}, host_memory, memory.out.get(),
                      of_host.data());
       }},
      {"misaligned", over_blocks(misaligned)},
      {"divergent_barrier", over_blocks(divergent_barrier)},
      {"early_return", over_blocks(early_return)},
      {"barrier_in_a_branch", over_blocks(barrier_in_a_branch)},
      {"lane_not_in_mask", over_blocks(lane_not_in_mask)},
      {"absent_source", over_blocks(absent_source)},
      {"different_exchanges", over_blocks(different_exchanges)},
      {"lane_left_behind", over_blocks(lane_left_behind)}};
  Memory memory;
  kernels.at(name)(memory);
}

}  // namespace lmbench::test
