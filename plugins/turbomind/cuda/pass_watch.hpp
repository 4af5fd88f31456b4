// Waits for the passes that a rank has queued, and tells a slow device from a dead one: an error of
// the device, of a communicator, an abort from outside or a step that takes too long ends the wait.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "turbomind/cuda/device_communicator.hpp"
#include "turbomind/cuda/token_ring.hpp"

namespace turbomind::cuda {

class PassWatch {
 public:
  // communicator: null for one rank. All outlive this.
  PassWatch(const TokenRing& ring, Stream stream, DeviceCommunicator* communicator)
      : ring_(ring), stream_(stream), communicator_(communicator) {}

  // From now on a wait that takes longer is an error. Until first called nobody is hurried: while loading,
  // one rank may be minutes behind another.
  void limit(std::uint64_t timeout_ns) noexcept { timeout_ns_ = timeout_ns; }

  // Returns when the pass has delivered. Throws Error(device_error) that says what happened instead.
  void wait_for(std::uint64_t pass) const;

  // The same for all that is queued, where nothing is delivered.
  void wait_for_stream() const;

  // [any]
  void abort() noexcept { is_aborted_ = true; }
 private:
  template <class IsDone>
  void wait(const IsDone& is_done, std::uint64_t pass) const;
  void look_around(std::uint64_t waited_ns, std::uint64_t pass) const;

  const TokenRing& ring_;
  Stream stream_;
  DeviceCommunicator* communicator_;
  std::uint64_t timeout_ns_ = ~std::uint64_t{0};
  std::atomic<bool> is_aborted_ = false;
};

}  // namespace turbomind::cuda
