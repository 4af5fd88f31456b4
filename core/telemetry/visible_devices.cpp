// SPDX-License-Identifier: Apache-2.0
#include "telemetry/visible_devices.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <sstream>

namespace lmbench::telemetry {
namespace {

std::optional<std::uint32_t> device_of(const std::string& entry,
                                       std::span<const std::string> uuids) {
  std::uint32_t number = 0;
  const char* end = entry.data() + entry.size();
  const auto read = std::from_chars(entry.data(), end, number);
  if (read.ec == std::errc() && read.ptr == end) {
    return number < uuids.size() ? std::optional(number) : std::nullopt;
  }
  if (!entry.starts_with("GPU-")) return std::nullopt;
  const auto begins = [&entry](const std::string& uuid) { return uuid.starts_with(entry); };
  if (std::count_if(uuids.begin(), uuids.end(), begins) != 1) return std::nullopt;
  const auto found = std::find_if(uuids.begin(), uuids.end(), begins);
  return static_cast<std::uint32_t>(found - uuids.begin());
}

}  // namespace

std::vector<std::uint32_t> visible_devices(const std::optional<std::string>& setting,
                                           std::span<const std::string> uuids) {
  std::vector<std::uint32_t> visible;
  if (!setting) {
    visible.resize(uuids.size());
    std::iota(visible.begin(), visible.end(), 0U);
    return visible;
  }
  std::istringstream list(*setting);
  for (std::string entry; std::getline(list, entry, ',');) {
    entry.erase(std::remove(entry.begin(), entry.end(), ' '), entry.end());
    const auto device = device_of(entry, uuids);
    if (!device) break;
    visible.push_back(*device);
  }
  return visible;
}

}  // namespace lmbench::telemetry
