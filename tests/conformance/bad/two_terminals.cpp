// Each request ends twice.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("two_terminals", ends_twice);
