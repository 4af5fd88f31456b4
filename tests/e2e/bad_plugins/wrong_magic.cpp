// Its descriptor is something else that happens to have the name.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

LMBENCH_BENT_PLUGIN(descriptor.magic = 0x12345678u);
