// When there is no room, one request is said to be taken and forgotten.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("overload_drops_one", drops_when_full);
