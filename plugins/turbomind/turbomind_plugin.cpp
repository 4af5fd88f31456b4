// The plugin's entry: the engine on the backend that its options ask for.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/plugin.hpp>

#include "turbomind/engine.hpp"

namespace turbomind {

Engine::Engine(lmbench::IHost* host) : Engine(host, select_backend) {}

}  // namespace turbomind

LMBENCH_PLUGIN("turbomind", "1.0.0",
               lmbench::kCapTokenIds | lmbench::kCapFixedLength | lmbench::kCapStopTokens |
                   lmbench::kCapSampling | lmbench::kCapCancel | lmbench::kCapEngineTime |
                   lmbench::kCapRepeatable,
               turbomind::Engine);
