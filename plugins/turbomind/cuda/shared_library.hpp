// A library that is opened when first needed, so that the plugin loads, and says what it lacks, on
// machines without it; libcublasLt alone costs half a second to load.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace turbomind::cuda {

class SharedLibrary {
 public:
  // The first of the names that can be opened; it stays open. Throws Error(unsupported) that says
  // what was looked for and what `purpose` needs it.
  SharedLibrary(const std::vector<std::string>& names, const std::string& purpose);

  // Throws Error(unsupported) for a name that the library does not have.
  template <class Function>
  void find(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(address_of(name));
  }
 private:
  void* address_of(const char* name) const;

  void* handle_ = nullptr;
  std::string name_;
};

}  // namespace turbomind::cuda
