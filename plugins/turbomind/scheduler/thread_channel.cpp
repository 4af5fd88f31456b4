// A locked queue. Ranks meet in collectives anyway, so at most a plan or two ever wait in it.
// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "turbomind/scheduler/rank_channel.hpp"

namespace turbomind {
namespace {

class ThreadChannel final : public RankChannel {
 public:
  void send(std::vector<std::byte> plan) override {
    {
      const std::lock_guard lock(mutex_);
      if (is_closed_) return;
      plans_.push_back(std::move(plan));
    }
    changed_.notify_one();
  }

  bool receive(std::vector<std::byte>& plan) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_closed_ || !plans_.empty(); });
    if (plans_.empty()) return false;
    plan = std::move(plans_.front());
    plans_.pop_front();
    return true;
  }

  void close() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    changed_.notify_all();
  }
 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<std::byte>> plans_;
  bool is_closed_ = false;
};

}  // namespace

std::unique_ptr<RankChannel> make_thread_channel() { return std::make_unique<ThreadChannel>(); }

}  // namespace turbomind
