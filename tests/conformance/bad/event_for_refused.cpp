// A request that is refused gets an event that says so.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("event_for_refused", answers_refused);
