// Every other step has a time before that of the step that came before it.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("reorders", swaps_events);
