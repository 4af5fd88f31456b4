// Interfaces that nobody knows are said to be there.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("answers_any_extension", has_any_extension);
