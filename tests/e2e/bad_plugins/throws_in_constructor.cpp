// An exception leaves its constructor.
// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "bent_descriptor.hpp"

namespace {
struct Trap {
  Trap() { throw std::runtime_error("out of a constructor"); }
};
const Trap kTrap;
}  // namespace

LMBENCH_BENT_PLUGIN((void)descriptor);
