// Nothing is wrong with this one.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

LMBENCH_PLUGIN("honest", "1.0.0", conformance_plugin::kCapabilities,
               conformance_plugin::HonestEngine<conformance_plugin::Honest>);
