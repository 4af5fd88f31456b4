// The plugin's entry: the engine on the CPU backend.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/plugin.hpp>

#include "turbomind/engine.hpp"

namespace turbomind {

Engine::Engine(lmbench::IHost* host) : Engine(host, make_cpu_backend()) {}

}  // namespace turbomind

LMBENCH_PLUGIN("turbomind", "1.0.0",
               lmbench::kCapTokenIds | lmbench::kCapFixedLength | lmbench::kCapStopTokens |
                   lmbench::kCapSampling | lmbench::kCapCancel | lmbench::kCapEngineTime |
                   lmbench::kCapRepeatable,
               turbomind::Engine);
