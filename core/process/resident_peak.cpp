// SPDX-License-Identifier: Apache-2.0
#include "process/resident_peak.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace lmbench::process {

void restart_resident_peak() {
  std::ofstream("/proc/self/clear_refs") << '5';  // proc(5): resets the peak resident set size
}

std::uint64_t resident_peak_bytes() {
  std::ifstream file("/proc/self/status");
  return resident_peak_in({std::istreambuf_iterator<char>(file), {}});
}

std::uint64_t resident_peak_in(const std::string& status) {
  constexpr const char* kKey = "VmHWM:";
  constexpr std::uint64_t kBytesPerKilobyte = 1024;  // "kB" in /proc is 1024 bytes
  const std::size_t at = status.find(kKey);
  if (at == std::string::npos) return 0;
  return std::strtoull(status.c_str() + at + std::string(kKey).size(), nullptr, 10) *
         kBytesPerKilobyte;
}

}  // namespace lmbench::process
