// The last event of a request counts a token too many.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("miscounts", counts_one_more);
