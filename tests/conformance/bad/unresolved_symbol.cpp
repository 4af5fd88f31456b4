// A function that the engine calls is nowhere.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

void nowhere();

namespace conformance_plugin {

class Engine final : public HonestEngine<Honest> {
 public:
  explicit Engine(lmbench::IHost* host) : HonestEngine(host) { nowhere(); }
};

}  // namespace conformance_plugin

LMBENCH_PLUGIN("unresolved_symbol", "1.0.0", conformance_plugin::kCapabilities,
               conformance_plugin::Engine);
