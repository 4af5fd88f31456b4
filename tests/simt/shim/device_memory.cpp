// SPDX-License-Identifier: Apache-2.0
#include "device_memory.hpp"

#include <algorithm>
#include <cstdlib>

#include "launch.hpp"
#include "race_hooks.hpp"

namespace simt {

void* device_alloc(std::size_t bytes) {
  if (race_hooks != nullptr) return race_hooks->allocate(bytes);
  void* memory = nullptr;
  if (posix_memalign(&memory, 256, std::max<std::size_t>(bytes, 1)) != 0) {
    throw Error("no memory for a device array");
  }
  return memory;
}

void device_free(void* memory) {
  if (race_hooks != nullptr) return race_hooks->release(memory);
  std::free(memory);
}

void device_wrote(void* memory, std::size_t bytes) {
  if (race_hooks != nullptr) race_hooks->host_wrote(memory, bytes);
}

}  // namespace simt
