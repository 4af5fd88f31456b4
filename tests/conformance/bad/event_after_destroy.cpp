// An event of a request that has ended comes a tenth of a second after destroy() returned. The library
// is linked so that it stays mapped.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class EventAfterDestroy final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~EventAfterDestroy() = default;

  void destroy() noexcept override {
    IEventSink* const sink = this->sink();
    const std::uint64_t request = last_request();
    HonestEngine::destroy();
    if (request != 0) std::thread(talk_later, sink, request).detach();
  }
 private:
  void deliver(std::vector<Event> events) override {
    last_request_ = events.back().request;
    send(events);
  }

  std::uint64_t last_request() {
    const std::lock_guard lock(mutex_);
    return last_request_;
  }

  static void talk_later(IEventSink* sink, std::uint64_t request) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    Event event{};
    event.request = request;
    event.engine_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
    sink->on_events(&event, 1);
  }

  std::uint64_t last_request_ = 0;  // with an event
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("event_after_destroy", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::EventAfterDestroy);
