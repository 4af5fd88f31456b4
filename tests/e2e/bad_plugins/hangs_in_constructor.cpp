// Loading it never returns.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "bent_descriptor.hpp"

namespace {
struct Trap {
  Trap() {
    while (true) ::pause();
  }
};
const Trap kTrap;
}  // namespace

LMBENCH_BENT_PLUGIN((void)descriptor);
