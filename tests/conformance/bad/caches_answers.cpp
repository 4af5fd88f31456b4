// A prompt that was seen before costs nothing, and nobody is told.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("caches_answers", remembers_prompts);
