// SPDX-License-Identifier: Apache-2.0
#include "telemetry/periodic_thread.hpp"

#include <time.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lmbench::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::atomic<bool> stray_thread{false};

std::uint64_t thread_cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(used.tv_nsec);
}

}  // namespace

struct PeriodicThread::State {
  // Ticks that are late are left out, not made up for.
  void run(milliseconds period, std::function<void()> tick) {
    auto next = steady_clock::now();
    for (std::unique_lock lock(mutex); !must_stop;) {
      lock.unlock();
      tick();
      lock.lock();
      cpu_ns = thread_cpu_ns();
      ticks = ticks + 1;
      news.notify_all();
      const auto now = steady_clock::now();
      while (next <= now) next += period;
      news.wait_until(lock, next, [this] { return must_stop; });
    }
    tick = {};
    const std::lock_guard lock(mutex);
    has_ended = true;
    news.notify_all();
  }

  std::mutex mutex;
  std::condition_variable news;
  bool must_stop = false;
  bool has_ended = false;
  std::uint64_t ticks = 0;
  std::uint64_t cpu_ns = 0;
  std::thread thread;
};

PeriodicThread::PeriodicThread(milliseconds period, std::function<void()> tick)
    : state_(std::make_shared<State>()) {
  state_->thread = std::thread(
      [state = state_, period](std::function<void()> work) { state->run(period, std::move(work)); },
      std::move(tick));
}

PeriodicThread::~PeriodicThread() {
  constexpr milliseconds kPatience{1000};
  stop(kPatience);
}

bool PeriodicThread::wait_for_first_tick(milliseconds patience) {
  std::unique_lock lock(state_->mutex);
  return state_->news.wait_for(lock, patience, [this] { return state_->ticks > 0; });
}

void PeriodicThread::stop(milliseconds patience) {
  if (!state_->thread.joinable()) return;
  bool has_ended = false;
  {
    std::unique_lock lock(state_->mutex);
    state_->must_stop = true;
    state_->news.notify_all();
    has_ended = state_->news.wait_for(lock, patience, [this] { return state_->has_ended; });
  }
  if (has_ended) {
    state_->thread.join();
  } else {
    stray_thread = true;
    state_->thread.detach();
  }
}

std::uint64_t PeriodicThread::cpu_ns() const {
  const std::lock_guard lock(state_->mutex);
  return state_->cpu_ns;
}

bool has_stray_thread() noexcept { return stray_thread; }

}  // namespace lmbench::telemetry
