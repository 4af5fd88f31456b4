// A second symbol can be bound to.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

LMBENCH_EXPORT int helper_of_leaks_a_symbol();
int helper_of_leaks_a_symbol() { return 1; }

LMBENCH_PLUGIN("leaks_a_symbol", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::HonestEngine);
