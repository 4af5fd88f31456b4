// Each eighth request never ends, not even when the engine does: its last event is not sent.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class NoTerminal final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~NoTerminal() = default;
 private:
  void deliver(std::vector<Event> events) override {
    const auto is_dropped = [](const Event& e) { return is_end(e) && e.request % 8 == 0; };
    events.erase(std::remove_if(events.begin(), events.end(), is_dropped), events.end());
    send(events);
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("no_terminal", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::NoTerminal);
