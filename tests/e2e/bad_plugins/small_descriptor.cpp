// Its descriptor says that it ends before create.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

LMBENCH_BENT_PLUGIN(descriptor.struct_size = 56);
