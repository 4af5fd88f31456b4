// Each load() loses 4 MiB.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("leaks_memory", leaks);
