// Its descriptor says that it has grown beyond all bounds, and claims all there is: as a plugin of a
// far later lmbench may, whose known part must be read as it is.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

LMBENCH_BENT_PLUGIN(descriptor.struct_size = 0xffff'ffff; descriptor.abi_minor = 0xffff'ffff;
                    descriptor.capabilities = ~std::uint64_t{0});
