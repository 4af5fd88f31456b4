// SPDX-License-Identifier: Apache-2.0
#include "process/heart.hpp"

namespace lmbench::process {

Heart::Heart(MessageChannel& channel, std::function<Heartbeat()> look,
             std::function<void()> on_lost)
    : channel_(channel),
      look_(std::move(look)),
      on_lost_(std::move(on_lost)),
      thread_([this] { beat(); }) {}

Heart::~Heart() {
  {
    const std::scoped_lock lock(mutex_);
    should_stop_ = true;
  }
  stopping_.notify_one();
  thread_.join();
}

void Heart::beat() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, kHeartPeriod, [this] { return should_stop_; })) {
    if (!channel_.send(encode(Reply(look_())))) {
      on_lost_();
      return;
    }
  }
}

}  // namespace lmbench::process
