// Nothing is wrong with this one.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

LMBENCH_PLUGIN("honest", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::HonestEngine);
