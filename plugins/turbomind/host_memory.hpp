// How much memory this process may take on this machine, as the CPU backend understands "total" and
// "free" of a device.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace turbomind {

struct HostMemory {
  std::uint64_t total_bytes = 0;  // the limit of the cgroup, or the physical memory
  std::uint64_t free_bytes = 0;   // of that, what can be taken now
};

// Of two places that take the same, what is known to fit into both.
HostMemory least_of(const HostMemory& a, const HostMemory& b);

// root is where proc/ and sys/ are looked for: "" on a real machine, a folder in tests. What cannot
// be read is 0, which stands for "not known".
HostMemory read_host_memory(const std::string& root = "");

}  // namespace turbomind
