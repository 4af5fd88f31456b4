// SPDX-License-Identifier: Apache-2.0
#include "calibration.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <vector>

#include "calibration_kernels.hpp"
#include "kernel_timings.hpp"
#include "median.hpp"
#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/decode_graphs.hpp"
#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/device_stream.hpp"
#include "turbomind/cuda/read_bandwidth.hpp"
#include "turbomind/cuda/timed_range.hpp"

namespace turbomind::perf {
namespace {

using cuda::DeviceMemory;
using cuda::DeviceStream;
using cuda::PinnedMemory;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kProductSize = 8192;
constexpr int kRuns = 9;
constexpr std::uint64_t kRounds = 1000;  // of echoes and releases

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

double copy_bytes_per_s() {
  constexpr std::size_t kBytes = std::size_t{4} << 30U;
  const DeviceStream stream;
  const DeviceMemory from(kBytes, "copying");
  const DeviceMemory to(kBytes, "copying");
  cuda::check(cudaMemset(from.data(), 1, kBytes), "cudaMemset");
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    cuda::TimedRange range(stream.get());
    cuda::check(
        cudaMemcpyAsync(to.data(), from.data(), kBytes, cudaMemcpyDeviceToDevice, stream.get()),
        "cudaMemcpyAsync");
    best = std::max(best, 2.0 * kBytes / (static_cast<double>(range.milliseconds()) / 1e3));
  }
  return best;
}

// Between graphs of many and of few, so that what a graph costs as a whole cancels.
double boundary_us(bool starts_early) {
  constexpr std::uint32_t kFew = 500;
  constexpr std::uint32_t kMany = 1500;
  const DeviceStream stream;
  cuda::DecodeGraphs graphs(stream.get());
  queue_empty_kernel(cuda::Queue(stream.get()));  // loads it, which a capture forbids
  stream.synchronize();
  const auto milliseconds = [&](std::uint32_t kernels) {
    const cuda::DecodeGraphKey key{kernels, 0, false};
    graphs.capture(key, [&] {
      for (std::uint32_t i = 0; i < kernels; ++i) {
        queue_empty_kernel(cuda::Queue(stream.get(), starts_early && i > 0));
      }
    });
    std::vector<double> times;
    for (int run = 0; run < kRuns; ++run) {
      cuda::TimedRange range(stream.get());
      graphs.launch(key);
      times.push_back(static_cast<double>(range.milliseconds()));
    }
    return median(times);
  };
  const double few = milliseconds(kFew);
  return (milliseconds(kMany) - few) * 1e3 / (kMany - kFew);
}

// Two words of mapped memory, on cache lines of their own: one the host writes, one the device.
class Mailbox {
 public:
  Mailbox() : memory_(kBytes, "the mailbox") { std::memset(memory_.data(), 0, kBytes); }

  const std::uint64_t* request() const { return word(memory_.device_data(), 0); }
  std::uint64_t* reply() const { return word(memory_.device_data(), kReplyAt); }

  void ask(std::uint64_t value) const {
    std::atomic_ref(*word(memory_.data(), 0)).store(value, std::memory_order_release);
  }

  // Throws Error if nothing comes for two seconds.
  void wait_for(std::uint64_t value) const {
    const std::atomic_ref reply(*word(memory_.data(), kReplyAt));
    const Clock::time_point begin = Clock::now();
    while (reply.load(std::memory_order_acquire) < value) {
      if (Clock::now() - begin > std::chrono::seconds(2)) {
        throw lmbench::sdk::Error(lmbench::Code::device_error,
                                  "the host does not see what a kernel wrote to mapped memory");
      }
    }
  }
 private:
  static constexpr std::size_t kBytes = 4096;
  static constexpr std::size_t kReplyAt = 256;

  static std::uint64_t* word(std::byte* memory, std::size_t at) {
    return reinterpret_cast<std::uint64_t*>(memory + at);
  }

  PinnedMemory memory_;
};

double echo_us() {
  const DeviceStream stream;
  const Mailbox mailbox;
  queue_echo(mailbox.request(), mailbox.reply(), kRounds, stream.get());
  std::vector<double> times;
  for (std::uint64_t i = 1; i <= kRounds; ++i) {
    const Clock::time_point begin = Clock::now();
    mailbox.ask(i);
    mailbox.wait_for(i);
    times.push_back(microseconds_since(begin));
  }
  stream.synchronize();
  return median(times);
}

double launch_to_host_us() {
  const DeviceStream stream;
  const Mailbox mailbox;
  std::vector<double> times;
  for (std::uint64_t i = 1; i <= kRounds; ++i) {
    const Clock::time_point begin = Clock::now();
    queue_release(mailbox.reply(), i, stream.get());
    mailbox.wait_for(i);
    times.push_back(microseconds_since(begin));
    stream.synchronize();
  }
  return median(times);
}

}  // namespace

void calibrate(const std::function<void(const Calibration&)>& keep) {
  Calibration found;
  const auto measure = [&](double Calibration::*figure, double value) {
    found.*figure = value;
    keep(found);
  };
  const double size = kProductSize;
  measure(&Calibration::read_bytes_per_s, cuda::measure_read_bandwidth(0));
  measure(&Calibration::bf16_flops_per_s,
          2 * size * size * size / time_large_product(kProductSize));
  measure(&Calibration::copy_bytes_per_s, copy_bytes_per_s());
  measure(&Calibration::boundary_us, boundary_us(false));
  measure(&Calibration::early_boundary_us, boundary_us(true));
  measure(&Calibration::launch_to_host_us, launch_to_host_us());
  measure(&Calibration::echo_us, echo_us());
}

}  // namespace turbomind::perf
