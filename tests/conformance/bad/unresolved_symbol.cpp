// A function that the engine calls is nowhere.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

void nowhere();

namespace lmbench::honest_engine {

class UnresolvedSymbol final : public HonestEngine {
 public:
  explicit UnresolvedSymbol(IHost* host) : HonestEngine(host) { nowhere(); }
  virtual ~UnresolvedSymbol() = default;
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("unresolved_symbol", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::UnresolvedSymbol);
