// Its create() gives no engine, and says why.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/plugin.hpp>

#include "bent_descriptor.hpp"

namespace {
lmbench::IGenerationEngine* refuse(lmbench::IHost* /*host*/, lmbench::ErrorText* error) noexcept {
  lmbench::sdk::fail(error, lmbench::Code::unsupported, "this CPU has no AVX-1024");
  return nullptr;
}
}  // namespace

LMBENCH_BENT_PLUGIN(descriptor.create = &refuse);
