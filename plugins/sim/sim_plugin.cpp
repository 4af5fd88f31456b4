// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_engine.hpp"

LMBENCH_PLUGIN("sim", "1.0.0",
               lmbench::kCapTokenIds | lmbench::kCapFixedLength | lmbench::kCapStopTokens |
                   lmbench::kCapCancel | lmbench::kCapEngineTime | lmbench::kCapRepeatable,
               lmbench::sim::SimEngine);
