// Its descriptor says that it has no size.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

LMBENCH_BENT_PLUGIN(descriptor.struct_size = 0);
