// Its descriptor has no name.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

LMBENCH_BENT_PLUGIN(descriptor.engine_name = nullptr);
