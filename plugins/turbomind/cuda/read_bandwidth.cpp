// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/read_bandwidth.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/device_stream.hpp"
#include "turbomind/cuda/kernels/memory_sum.hpp"
#include "turbomind/cuda/timed_range.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 30U;
constexpr std::size_t kLeastBytes = std::size_t{512} << 20U;  // ten times the L2 of an H100
constexpr int kPasses = 8;

double measure(std::size_t bytes) {
  const DeviceStream stream;
  const DeviceMemory data(bytes, "measuring the read bandwidth");
  const DeviceMemory sum(sizeof(std::uint32_t), "measuring the read bandwidth");
  check(cudaMemsetAsync(data.data(), 1, bytes, stream.get()), "cudaMemsetAsync");
  double best = 0;
  for (int pass = 0; pass < kPasses; ++pass) {
    TimedRange range(stream.get());
    memory_sum(data.data(), bytes, reinterpret_cast<std::uint32_t*>(sum.data()), stream.get());
    const double seconds = static_cast<double>(range.milliseconds()) / 1e3;
    if (seconds > 0) best = std::max(best, static_cast<double>(bytes) / seconds);
  }
  return best;
}

}  // namespace

double measure_read_bandwidth(std::uint32_t device) {
  try {
    check(cudaSetDevice(static_cast<int>(device)), "cudaSetDevice");
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    check(cudaMemGetInfo(&free_bytes, &total_bytes), "cudaMemGetInfo");
    const std::size_t bytes = std::min(kMostBytes, free_bytes / 2) / 16 * 16;
    return bytes < kLeastBytes ? 0 : measure(bytes);
  } catch (const lmbench::sdk::Error&) {
    return 0;  // a figure beside the results: the run goes on without it
  }
}

}  // namespace turbomind::cuda
