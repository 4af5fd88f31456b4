// The time that work in a stream takes on the device, between two events.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

class TimedRange {
 public:
  explicit TimedRange(Stream stream) : stream_(stream) {
    check(cudaEventCreate(&begin_), "cudaEventCreate");
    check(cudaEventCreate(&end_), "cudaEventCreate");
    check(cudaEventRecord(begin_, stream_), "cudaEventRecord");
  }
  TimedRange(const TimedRange&) = delete;
  TimedRange& operator=(const TimedRange&) = delete;
  ~TimedRange() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }

  // Waits for the work that was queued since the construction.
  float milliseconds() {
    check(cudaEventRecord(end_, stream_), "cudaEventRecord");
    check(cudaEventSynchronize(end_), "cudaEventSynchronize");
    float elapsed = 0;
    check(cudaEventElapsedTime(&elapsed, begin_, end_), "cudaEventElapsedTime");
    return elapsed;
  }
 private:
  Stream stream_;
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
};

}  // namespace turbomind::cuda
