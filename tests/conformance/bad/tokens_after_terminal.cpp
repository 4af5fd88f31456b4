// A token event, with no token in it, follows each terminal one.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class TokensAfterTerminal final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~TokensAfterTerminal() = default;
 private:
  void deliver(std::vector<Event> events) override {
    send(events);
    std::vector<Event> more;
    for (Event event : events) {
      if (!is_end(event)) continue;
      event.tokens = nullptr;
      event.token_count = 0;
      event.admitted_ns = 0;
      event.kind = EventKind::tokens;
      event.finish = Finish::none;
      more.push_back(event);
    }
    send(more);
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("tokens_after_terminal", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::TokensAfterTerminal);
