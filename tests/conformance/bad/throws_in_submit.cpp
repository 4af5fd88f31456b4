// An exception leaves submit() when a request has an unknown flag.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("throws_in_submit", throws_at_flags);
