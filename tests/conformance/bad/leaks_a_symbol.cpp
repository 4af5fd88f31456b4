// A second symbol can be bound to: the plugin was linked without its version script.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

extern "C" __attribute__((visibility("default"))) int helper_of_leaks_a_symbol();
int helper_of_leaks_a_symbol() { return 1; }

LMBENCH_PLUGIN("leaks_a_symbol", "1.0.0", conformance_plugin::kCapabilities,
               conformance_plugin::HonestEngine<conformance_plugin::Honest>);
