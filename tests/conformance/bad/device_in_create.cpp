// create() loads the driver of a device.
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include "honest_engine.hpp"

namespace conformance_plugin {

class Engine final : public HonestEngine<Honest> {
 public:
  explicit Engine(lmbench::IHost* host) : HonestEngine(host) {
    ::dlopen(FAKE_DRIVER, RTLD_NOW | RTLD_LOCAL);
  }
};

}  // namespace conformance_plugin

LMBENCH_PLUGIN("device_in_create", "1.0.0", conformance_plugin::kCapabilities,
               conformance_plugin::Engine);
