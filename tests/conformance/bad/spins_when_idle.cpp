// The engine's thread polls for work.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class SpinsWhenIdle final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~SpinsWhenIdle() = default;
 private:
  void wait_for_work(std::unique_lock<std::mutex>& lock) override {
    while (!has_work()) {
      lock.unlock();
      lock.lock();
    }
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("spins_when_idle", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::SpinsWhenIdle);
