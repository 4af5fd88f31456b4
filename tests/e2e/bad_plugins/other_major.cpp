// A plugin for a later ABI. Nothing of it is known but the name of its symbol, so nothing of it may
// run.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

namespace {
struct Trap {
  Trap() { std::abort(); }
};
const Trap kTrap;
}  // namespace

extern "C" __attribute__((visibility("default"))) const int lmbench_plugin_v2[64] = {1};
