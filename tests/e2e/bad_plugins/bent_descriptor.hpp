// A descriptor that is right but for the one thing that a bad plugin bends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lmbench/engine_abi.hpp>

namespace lmbench::test {

inline IGenerationEngine* make_nothing(IHost* /*host*/, ErrorText* /*error*/) noexcept {
  return nullptr;
}

template <class Bend>
constexpr PluginDescriptor bent_descriptor(Bend bend) {
  PluginDescriptor descriptor{.magic = kMagic,
                              .struct_size = sizeof(PluginDescriptor),
                              .abi_major = LMBENCH_ABI_MAJOR,
                              .abi_minor = LMBENCH_ABI_MINOR,
                              .capabilities = 0,
                              .engine_name = "bad",
                              .engine_version = "1.0.0",
                              .source_revision = "none",
                              .toolchain = "any",
                              .create = &make_nothing};
  bend(descriptor);
  return descriptor;
}

}  // namespace lmbench::test

// Constant data, as a plugin's descriptor must be.
#define LMBENCH_BENT_PLUGIN(...)                                               \
  LMBENCH_EXPORT constinit const lmbench::PluginDescriptor lmbench_plugin_v1 = \
      lmbench::test::bent_descriptor([](lmbench::PluginDescriptor& descriptor) { __VA_ARGS__; })
