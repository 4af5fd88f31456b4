// The CUDA backend: one rank of the engine on one GPU. Decode runs as captured graphs over state that
// lives on the device; the host queues the steps of a plan, then reads their tokens from a ring.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "turbomind/cuda/device_communicator.hpp"
#include "turbomind/executor.hpp"

namespace turbomind::cuda {

struct CudaOptions {
  std::uint32_t device = 0;   // of the devices that this process sees
  bool starts_early = false;  // programmatic dependent launch of the kernels of a decode step
  bool uses_graphs = true;    // false: every decode step is queued kernel by kernel
  std::string tuning_cache;   // file of algorithms for large products; empty: none
  // A step that does not end by then is an error. 0: 10 s, and for a prefill what it would take at
  // 10 TFLOP/s besides.
  std::uint64_t step_timeout_ns = 0;
};

// The communicator is null for one rank. The sink is given on rank 0 and null elsewhere. Touches no
// device before load().
std::unique_ptr<Executor> make_cuda_executor(const CudaOptions& options,
                                             std::unique_ptr<DeviceCommunicator> communicator,
                                             PassSink* sink);

// [any] What load() will take on one rank beside weights and KV pages.
std::uint64_t cuda_workspace_bytes(const Architecture& architecture, DataType data_type,
                                   std::uint32_t ranks, const ExecutorLimits& limits);

}  // namespace turbomind::cuda
