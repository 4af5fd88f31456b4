// Token ids are claimed and not sent.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

CONFORMANCE_PLUGIN("overclaims", hides_ids);
