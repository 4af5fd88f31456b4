// The engine's thread polls for work.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("spins_when_idle", spins);
