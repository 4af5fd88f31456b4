// Options that nobody knows are ignored.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class IgnoresUnknownKey final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~IgnoresUnknownKey() = default;
 private:
  void refuse_unknown_keys(const sdk::ConfigReader&) const override {}
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("ignores_unknown_key", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::IgnoresUnknownKey);
