// An event comes a tenth of a second after destroy() returned.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("event_after_destroy", talks_after_destroy);
