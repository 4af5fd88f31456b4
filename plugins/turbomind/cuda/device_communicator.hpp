// How the ranks of a tensor-parallel engine on GPUs exchange data: collectives in a stream, in the
// same order with the same sizes on every rank. Used from the rank's thread, except where said.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

class DeviceCommunicator {
 public:
  virtual ~DeviceCommunicator() = default;

  virtual std::uint32_t rank() const noexcept = 0;
  virtual std::uint32_t ranks() const noexcept = 0;

  // Meets the other ranks, on the current device, which is this rank's from now on. Throws
  // Error(device_error) when they do not all come in time.
  virtual void connect() = 0;

  // Queues: data becomes the sum over all ranks, with the same bits everywhere. Throws Error.
  virtual void all_reduce(void* data, std::size_t elements, DataType type, Stream stream) = 0;

  // Queues: out is the ranks' data one after another, ranks() * bytes.
  virtual void all_gather(const void* data, void* out, std::size_t bytes, Stream stream) = 0;

  // Waits, on the host, until all ranks have come here. Between GPUs of one process memory must not be
  // taken, nor a graph made, while a collective of another rank waits for this one: the driver may wait
  // for that collective. Throws Error(device_error) when it is told to stop.
  virtual void barrier() = 0;

  // What went wrong in the background, as a sentence; empty: nothing.
  virtual std::string failure() noexcept = 0;

  // [any] Ends what is queued and refuses what comes, on this rank.
  virtual void abort() noexcept = 0;
};

}  // namespace turbomind::cuda
