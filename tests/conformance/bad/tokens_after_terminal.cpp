// An event with no token follows each terminal one.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("tokens_after_terminal", talks_after_end);
