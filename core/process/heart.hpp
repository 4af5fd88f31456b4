// The worker's heartbeat: a thread that tells the coordinator some times a second how far things
// are. It reads counters that others write and takes no lock that a measurement needs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "process/message_channel.hpp"
#include "process/protocol.hpp"

namespace lmbench::process {

constexpr std::chrono::milliseconds kHeartPeriod{200};

class Heart {
 public:
  // look: [any] called on the heart's thread. on_lost: the coordinator is gone; called once.
  Heart(MessageChannel& channel, std::function<Heartbeat()> look, std::function<void()> on_lost);
  ~Heart();
  Heart(const Heart&) = delete;
  Heart& operator=(const Heart&) = delete;
 private:
  void beat();

  MessageChannel& channel_;
  std::function<Heartbeat()> look_;
  std::function<void()> on_lost_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool should_stop_ = false;
  std::thread thread_;
};

}  // namespace lmbench::process
