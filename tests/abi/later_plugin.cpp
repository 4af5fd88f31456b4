// A plugin of version 1.7, whose descriptor has grown.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/plugin.hpp>

namespace {

struct LaterDescriptor {
  lmbench::PluginDescriptor known;
  const char* added;
};

lmbench::IGenerationEngine* create(lmbench::IHost* /*host*/, lmbench::ErrorText* error) noexcept {
  lmbench::sdk::fail(error, lmbench::Code::unsupported, "there is no engine in here");
  return nullptr;
}

}  // namespace

LMBENCH_EXPORT const LaterDescriptor lmbench_plugin_v1 = {
    {lmbench::kMagic, sizeof(LaterDescriptor), LMBENCH_ABI_MAJOR, 7, 0, "later", "1.7.0", "unknown",
     LMBENCH_TOOLCHAIN, &create},
    "of which version 1.0 knows nothing"};
