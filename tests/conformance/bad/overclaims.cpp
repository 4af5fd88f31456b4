// Token ids are claimed and not sent.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class Overclaims final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~Overclaims() = default;
 private:
  void deliver(std::vector<Event> events) override {
    for (Event& event : events) event.tokens = nullptr;
    send(events);
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("overclaims", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::Overclaims);
