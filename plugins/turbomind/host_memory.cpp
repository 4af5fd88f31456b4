// SPDX-License-Identifier: Apache-2.0
#include "turbomind/host_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>

namespace turbomind {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// The number in a file that holds one; "max" and unreadable files are no limit.
std::uint64_t read_number(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? value : kNoLimit;
}

// The number behind "key" in a file of "key number" lines, or 0.
std::uint64_t read_field(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string name;
  std::string rest;
  while (file >> name) {
    std::uint64_t value = 0;
    if (name == key && file >> value) return value;
    std::getline(file, rest);
  }
  return 0;
}

struct Cgroup {
  std::uint64_t limit = kNoLimit;
  std::uint64_t used = 0;  // without file cache that can be dropped
};

// The group of the process as a container sees it: mounted at the root of /sys/fs/cgroup.
Cgroup read_cgroup(const std::string& root) {
  const std::string v2 = root + "/sys/fs/cgroup/";
  const std::string v1 = v2 + "memory/";
  Cgroup group;
  group.limit = read_number(v2 + "memory.max");
  std::uint64_t used = read_number(v2 + "memory.current");
  std::uint64_t cache = read_field(v2 + "memory.stat", "inactive_file");
  if (group.limit == kNoLimit) {
    group.limit = read_number(v1 + "memory.limit_in_bytes");
    used = read_number(v1 + "memory.usage_in_bytes");
    cache = read_field(v1 + "memory.stat", "total_inactive_file");
  }
  if (used != kNoLimit) group.used = used - std::min(used, cache);
  return group;
}

}  // namespace

HostMemory least_of(const HostMemory& a, const HostMemory& b) {
  const auto least = [](std::uint64_t x, std::uint64_t y) {
    return x == 0 || y == 0 ? std::max(x, y) : std::min(x, y);  // 0: not known
  };
  return {least(a.total_bytes, b.total_bytes), least(a.free_bytes, b.free_bytes)};
}

HostMemory read_host_memory(const std::string& root) {
  constexpr std::uint64_t kKibibyte = 1024;
  const std::string meminfo = root + "/proc/meminfo";
  HostMemory memory;
  memory.total_bytes = read_field(meminfo, "MemTotal:") * kKibibyte;
  memory.free_bytes = read_field(meminfo, "MemAvailable:") * kKibibyte;
  const Cgroup group = read_cgroup(root);
  if (group.limit < memory.total_bytes) {
    memory.total_bytes = group.limit;
    memory.free_bytes =
        std::min(memory.free_bytes, group.limit - std::min(group.limit, group.used));
  }
  return memory;
}

}  // namespace turbomind
