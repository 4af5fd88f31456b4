// How plans reach a rank. A channel knows bytes only, so that a queue between threads and a socket
// between processes are the same to the ranks; one channel per rank but the first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace turbomind {

class RankChannel {
 public:
  virtual ~RankChannel() = default;

  // [any] Queues one plan's wire form for the rank. Ignored once closed.
  virtual void send(std::vector<std::byte> plan) = 0;

  // The rank's thread: waits, asleep, for the next plan. False: closed and empty.
  virtual bool receive(std::vector<std::byte>& plan) = 0;

  // [any] No more plans come; what is queued is still received.
  virtual void close() noexcept = 0;
};

// For ranks that are threads of one process.
std::unique_ptr<RankChannel> make_thread_channel();

}  // namespace turbomind
