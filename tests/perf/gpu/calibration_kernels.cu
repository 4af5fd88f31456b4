// SPDX-License-Identifier: Apache-2.0
#include "calibration_kernels.hpp"
#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::perf {
namespace {

constexpr unsigned kBlocks = 132;  // multiprocessors of an H100
constexpr unsigned kThreads = 256;
constexpr long long kMostClocks = 2'000'000'000;  // about a second

__global__ void empty_kernel() {
  simt::pdl_trigger();
  simt::pdl_wait();
}

__global__ void echo_kernel(const volatile std::uint64_t* request, std::uint64_t* reply,
                            std::uint64_t rounds) {
  for (std::uint64_t i = 1; i <= rounds; ++i) {
    const long long begin = clock64();
    while (*request < i) {
      if (clock64() - begin > kMostClocks) return;
    }
    simt::store_release_system(reply, i);
  }
}

__global__ void release_kernel(std::uint64_t* reply, std::uint64_t value) {
  simt::store_release_system(reply, value);
}

simt::Launch one_thread(cuda::Stream stream) {
  simt::Launch launch;
  launch.grid = dim3(1);
  launch.block = dim3(1);
  launch.stream = stream;
  return launch;
}

}  // namespace

void queue_empty_kernel(cuda::Queue queue) {
  simt::Launch launch;
  launch.grid = dim3(kBlocks);
  launch.block = dim3(kThreads);
  launch.stream = queue.stream;
  launch.is_dependent = queue.is_dependent;
  simt::launch(launch, empty_kernel);
}

void queue_echo(const std::uint64_t* request, std::uint64_t* reply, std::uint64_t rounds,
                cuda::Stream stream) {
  simt::launch(one_thread(stream), echo_kernel, request, reply, rounds);
}

void queue_release(std::uint64_t* reply, std::uint64_t value, cuda::Stream stream) {
  simt::launch(one_thread(stream), release_kernel, reply, value);
}

}  // namespace turbomind::perf
