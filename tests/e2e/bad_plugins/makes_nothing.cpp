// Its create() gives no engine and no reason.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

LMBENCH_BENT_PLUGIN((void)descriptor);
