// Writes to where nothing is when it is loaded.
// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "bent_descriptor.hpp"

namespace {
struct Trap {
  Trap() { std::raise(SIGSEGV); }
};
const Trap kTrap;
}  // namespace

LMBENCH_BENT_PLUGIN((void)descriptor);
