// SPDX-License-Identifier: Apache-2.0
#include "process/heart.hpp"

#include <chrono>

namespace lmbench::process {
namespace {

constexpr std::chrono::milliseconds kPeriod{200};

}  // namespace

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
  while (!stopping_.wait_for(lock, kPeriod, [this] { return should_stop_; })) {
    if (!channel_.send(encode(Reply(look_())))) {
      on_lost_();
      return;
    }
  }
}

}  // namespace lmbench::process
