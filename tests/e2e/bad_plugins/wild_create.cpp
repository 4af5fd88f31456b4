// The pointer to its create function leads nowhere.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

namespace {

lmbench::PluginDescriptor wild_descriptor() {
  return lmbench::test::bent_descriptor([](lmbench::PluginDescriptor& descriptor) {
    constexpr std::uintptr_t kNowhere = 0x10;
    descriptor.create = reinterpret_cast<decltype(descriptor.create)>(kNowhere);
  });
}

}  // namespace

LMBENCH_EXPORT const lmbench::PluginDescriptor lmbench_plugin_v1;
const lmbench::PluginDescriptor lmbench_plugin_v1 = wild_descriptor();
