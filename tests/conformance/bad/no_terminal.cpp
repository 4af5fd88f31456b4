// Each eighth request never ends, not even when the engine does.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("no_terminal", forgets_one);
