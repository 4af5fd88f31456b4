// Ends the process that loads it.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>

#include "bent_descriptor.hpp"

namespace {
struct Trap {
  Trap() {
    std::fputs("the constructor of this plugin aborts\n", stderr);
    std::abort();
  }
};
const Trap kTrap;
}  // namespace

LMBENCH_BENT_PLUGIN((void)descriptor);
