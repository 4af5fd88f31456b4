// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/thread_team.hpp"

namespace turbomind {

ThreadTeam::ThreadTeam(std::uint32_t threads) : size_(threads), barrier_(threads) {
  try {
    for (std::uint32_t index = 1; index < size_; ++index) {
      threads_.emplace_back([this, index] { serve(index); });
    }
  } catch (...) {  // the system gives no more threads
    stop();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { stop(); }

void ThreadTeam::stop() noexcept {
  is_stopping_ = true;
  run_.fetch_add(1);
  run_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadTeam::run_task(Task task) {
  task_ = task;
  working_.store(size_ - 1, std::memory_order_relaxed);
  run_.fetch_add(1);
  run_.notify_all();
  run_share(0);
  for (std::uint32_t left = working_.load(std::memory_order_acquire); left != 0;
       left = working_.load(std::memory_order_acquire)) {
    wait_while_equal(working_, left);
  }
  if (failure_) std::rethrow_exception(failure_);
}

void ThreadTeam::meet() {
  if (size_ > 1 && !barrier_.arrive_and_wait()) throw Released{};
}

void ThreadTeam::run_share(std::uint32_t index) noexcept {
  try {
    task_.call(task_.context, index);
  } catch (const Released&) {
  } catch (...) {
    {
      const std::lock_guard lock(failure_mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    barrier_.break_up();
  }
}

void ThreadTeam::serve(std::uint32_t index) {
  for (std::uint32_t seen = 0;; ++seen) {
    wait_while_equal(run_, seen);
    if (is_stopping_) return;
    run_share(index);
    if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_one();
  }
}

}  // namespace turbomind
