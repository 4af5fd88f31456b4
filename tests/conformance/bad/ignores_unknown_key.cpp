// Options that nobody knows are ignored.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("ignores_unknown_key", takes_any_key);
