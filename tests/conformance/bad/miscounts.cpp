// The last event of a request that ends by its length counts a token too many.
// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class Miscounts final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~Miscounts() = default;
 private:
  void deliver(std::vector<Event> events) override {
    std::vector<std::array<std::int32_t, 2>> twice(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].finish != Finish::length) continue;
      twice[i].fill(*events[i].tokens);
      events[i].tokens = twice[i].data();
      events[i].token_count = 2;
    }
    send(events);
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("miscounts", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::Miscounts);
