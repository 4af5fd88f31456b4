// A shared library of some other program. Its constructor must not run.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

namespace {
struct Trap {
  Trap() { std::abort(); }
};
const Trap kTrap;
}  // namespace

extern "C" __attribute__((visibility("default"))) int something_else() { return 1; }
