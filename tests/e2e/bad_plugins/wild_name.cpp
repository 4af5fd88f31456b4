// The pointer to its name leads nowhere.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

namespace {

lmbench::PluginDescriptor wild_descriptor() {
  return lmbench::test::bent_descriptor([](lmbench::PluginDescriptor& descriptor) {
    constexpr std::uintptr_t kNowhere = 0x10;
    descriptor.engine_name = reinterpret_cast<const char*>(kNowhere);
  });
}

}  // namespace

LMBENCH_EXPORT const lmbench::PluginDescriptor lmbench_plugin_v1;
const lmbench::PluginDescriptor lmbench_plugin_v1 = wild_descriptor();
