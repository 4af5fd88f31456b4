// The second and the third event of a request come the wrong way round, the later engine_ns first,
// unless the third is its last.
// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class Reorders final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~Reorders() = default;
 private:
  struct Seen {
    std::uint32_t events = 0;
    Event second{};
    std::int32_t token = 0;  // of the second
  };

  void deliver(std::vector<Event> events) override {
    std::vector<Event> sent;
    for (const Event& event : events) {
      Seen& seen = seen_[event.request];
      ++seen.events;
      if (seen.events == 2 && !is_end(event)) {
        seen.second = event;
        seen.token = *event.tokens;
        seen.second.tokens = &seen.token;
        continue;
      }
      if (seen.events == 3 && is_end(event)) sent.push_back(seen.second);
      sent.push_back(event);
      if (seen.events == 3 && !is_end(event)) sent.push_back(seen.second);
    }
    send(sent);
    for (const Event& event : events) {
      if (is_end(event)) seen_.erase(event.request);
    }
  }

  std::map<std::uint64_t, Seen> seen_;  // of requests in flight
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("reorders", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::Reorders);
