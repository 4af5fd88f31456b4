// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/shared_library.hpp"

#include <dlfcn.h>

#include <lmbench/plugin.hpp>

namespace turbomind::cuda {

using lmbench::Code;
using lmbench::sdk::Error;

SharedLibrary::SharedLibrary(const std::vector<std::string>& names, const std::string& purpose) {
  std::string why;
  for (const std::string& name : names) {
    handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    name_ = name;
    if (handle_ != nullptr) return;
    const char* const error = dlerror();
    why += (why.empty() ? "" : "; ") + std::string(error != nullptr ? error : name);
  }
  throw Error(Code::unsupported, purpose + " needs a library that cannot be opened: " + why +
                                     "; install it or name its folder in LD_LIBRARY_PATH");
}

void* SharedLibrary::address_of(const char* name) const {
  void* const address = dlsym(handle_, name);
  if (address != nullptr) return address;
  throw Error(Code::unsupported, name_ + " has no function " + name + ": it is of another version");
}

}  // namespace turbomind::cuda
