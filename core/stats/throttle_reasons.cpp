// SPDX-License-Identifier: Apache-2.0
#include "stats/throttle_reasons.hpp"

#include <array>

namespace lmbench::stats {
namespace {

struct Reason {
  std::uint64_t bit;
  const char* name;
};

constexpr std::array<Reason, 8> kReasons = {{
    {kApplicationClocks, "application_clocks"},
    {kSoftwarePowerCap, "sw_power_cap"},
    {kHardwareSlowdown, "hw_slowdown"},
    {kSyncBoost, "sync_boost"},
    {kSoftwareThermalSlowdown, "sw_thermal_slowdown"},
    {kHardwareThermalSlowdown, "hw_thermal_slowdown"},
    {kHardwarePowerBrake, "hw_power_brake"},
    {kDisplayClocks, "display_clocks"},
}};

}  // namespace

std::string throttle_reasons_text(std::uint64_t reasons) {
  std::string text;
  const auto add = [&text](const std::string& name) { text += (text.empty() ? "" : " ") + name; };
  reasons &= ~kGpuIdle;
  for (const Reason& reason : kReasons) {
    if ((reasons & reason.bit) != 0) add(reason.name);
    reasons &= ~reason.bit;
  }
  if (reasons != 0) add("bits_" + std::to_string(reasons));
  return text;
}

}  // namespace lmbench::stats
