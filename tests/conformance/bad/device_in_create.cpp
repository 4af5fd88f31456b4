// create() loads the driver of a device: a library of that name from the folder of the plugin.
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include "honest_engine.hpp"

namespace lmbench::honest_engine {

// Something of this library, by which its file is found.
const char kHere = 0;

class DeviceInCreate final : public HonestEngine {
 public:
  explicit DeviceInCreate(IHost* host) : HonestEngine(host) {
    Dl_info here{};
    if (::dladdr(&kHere, &here) == 0) return;
    const std::string file = here.dli_fname;
    const std::string driver = file.substr(0, file.rfind('/') + 1) + "libcuda.so.1";
    ::dlopen(driver.c_str(), RTLD_NOW | RTLD_LOCAL);
  }
  virtual ~DeviceInCreate() = default;
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("device_in_create", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::DeviceInCreate);
