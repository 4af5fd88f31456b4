// Owner of a CUDA stream of the current device, apart from the legacy default stream.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

class DeviceStream {
 public:
  DeviceStream() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }
  ~DeviceStream() { cudaStreamDestroy(stream_); }
  DeviceStream(const DeviceStream&) = delete;
  DeviceStream& operator=(const DeviceStream&) = delete;

  Stream get() const noexcept { return stream_; }

  // Waits until all that was queued is done. Throws Error(device_error), also for an earlier error.
  void synchronize() const { check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }
 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace turbomind::cuda
