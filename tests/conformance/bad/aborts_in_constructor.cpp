// Loading the library runs code that ends the process.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "honest_engine.hpp"

namespace {

struct Aborts {
  Aborts() { std::abort(); }
};
const Aborts kAborts;

}  // namespace

LMBENCH_PLUGIN("aborts_in_constructor", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::HonestEngine);
