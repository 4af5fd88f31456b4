// Needs a library that is not where the loader looks.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

int function_of_absent_library();

LMBENCH_BENT_PLUGIN((void)descriptor);

namespace {
const int kNeedsIt = function_of_absent_library();
}  // namespace
