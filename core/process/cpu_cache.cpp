// SPDX-License-Identifier: Apache-2.0
#include "process/cpu_cache.hpp"

#include <fstream>
#include <map>
#include <string>
#include <utility>

namespace lmbench::process {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// "32768K"; 0 for anything else.
std::uint64_t bytes_of(const std::string& size) {
  std::uint64_t number = 0;
  std::size_t at = 0;
  for (; at < size.size() && size[at] >= '0' && size[at] <= '9'; ++at) {
    number = number * 10 + static_cast<std::uint64_t>(size[at] - '0');
  }
  const std::string unit = size.substr(at);
  if (unit == "K") return number << 10U;
  if (unit == "M") return number << 20U;
  return 0;
}

}  // namespace

std::optional<std::uint64_t> last_level_cache_bytes(const fs::path& root) {
  // By level, then by the CPUs that share it, which tell one cache of a level from the next.
  std::map<int, std::map<std::string, std::uint64_t>> caches;
  std::error_code none;
  for (const auto& cpu : fs::directory_iterator(root / "sys/devices/system/cpu", none)) {
    for (const auto& cache : fs::directory_iterator(cpu.path() / "cache", none)) {
      const std::string level = first_line(cache.path() / "level");
      const std::uint64_t bytes = bytes_of(first_line(cache.path() / "size"));
      if (level.size() != 1 || bytes == 0) continue;
      caches[level[0] - '0'][first_line(cache.path() / "shared_cpu_list")] = bytes;
    }
  }
  if (caches.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const auto& [cpus, bytes] : caches.rbegin()->second) sum += bytes;
  return sum;
}

}  // namespace lmbench::process
