// An engine that a test writes line by line: what submit() and cancel() do, and a thread of its own
// for what comes later.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <lmbench/plugin.hpp>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace scripted {

using namespace lmbench;

inline Event tokens_of(std::uint64_t request, std::uint32_t count,
                       const std::int32_t* ids = nullptr) {
  Event event{};
  event.request = request;
  event.token_count = count;
  event.tokens = ids;
  return event;
}

inline Event end_of(std::uint64_t request, std::uint32_t count, Finish finish = Finish::length) {
  Event event = tokens_of(request, count);
  event.kind = EventKind::finished;
  event.finish = finish;
  return event;
}

inline Event failure_of(std::uint64_t request, Code code) {
  Event event = tokens_of(request, 0);
  event.kind = EventKind::failed;
  event.error = code;
  return event;
}

class ScriptedEngine final : public IGenerationEngine {
 public:
  // What submit() does after it has noted the requests.
  using Submit = std::function<Code(ScriptedEngine&, std::span<const Request>, std::uint32_t&)>;
  using Cancel = std::function<void(ScriptedEngine&, std::uint64_t)>;

  explicit ScriptedEngine(Submit submit, Cancel cancel = {})
      : submit_(std::move(submit)), cancel_(std::move(cancel)) {
    thread_ = std::thread([this] { work(); });
  }
  ScriptedEngine(const ScriptedEngine&) = delete;
  ScriptedEngine& operator=(const ScriptedEngine&) = delete;

  // On the calling thread, in one on_events call.
  void deliver(const std::vector<Event>& events) {
    sink_->on_events(events.data(), static_cast<std::uint32_t>(events.size()));
  }
  // On the engine's own thread, one after the other.
  void later(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  IEventSink& sink() { return *sink_; }

  Code load(ConfigView, IEventSink* sink, ErrorText*) noexcept override {
    sink_ = sink;
    return Code::ok;
  }
  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    const std::span all(requests, count);
    std::vector<std::uint64_t> ids;
    for (const Request& request : all) ids.push_back(request.id);
    submits.push_back(std::move(ids));
    *accepted = 0;
    const Code code = submit_(*this, all, *accepted);
    if (code != Code::ok) sdk::fail(error, code, refusal);
    return code;
  }
  void cancel(std::uint64_t request) noexcept override {
    cancelled.push_back(request);
    if (cancel_) cancel_(*this, request);
  }
  Code reset(ErrorText*) noexcept override { return Code::ok; }
  void stats(IMetricSink*) noexcept override {}
  void* extension(StrView) noexcept override { return nullptr; }
  void destroy() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
      wake_.notify_one();
    }
    thread_.join();
    delete this;
  }

  // Ids, by call; written by the caller's thread.
  std::vector<std::vector<std::uint64_t>> submits;
  std::vector<std::uint64_t> cancelled;
  std::string refusal = "as scripted";  // what it says when it refuses
 private:
  ~ScriptedEngine() = default;

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return is_stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  Submit submit_;
  Cancel cancel_;
  IEventSink* sink_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool is_stopping_ = false;
  std::thread thread_;
};

// A clock that goes on by one with each reading, so that no two stamps are the same.
inline std::atomic<std::uint64_t> ticks{0};
inline std::uint64_t ticking_clock() noexcept { return ++ticks; }

}  // namespace scripted
