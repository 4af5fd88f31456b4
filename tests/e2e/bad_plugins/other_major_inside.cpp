// Was built with headers of another major version, whose number its symbol does not show.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

LMBENCH_BENT_PLUGIN(descriptor.abi_major = 2);
