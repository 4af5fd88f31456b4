// Errors come without a sentence.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("silent_error", is_silent);
