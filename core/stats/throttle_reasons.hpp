// Why a device does not run as fast as it can: the bits of nvmlClocksEventReasons (nvml.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace lmbench::stats {

constexpr std::uint64_t kGpuIdle = 0x1;
constexpr std::uint64_t kApplicationClocks = 0x2;
constexpr std::uint64_t kSoftwarePowerCap = 0x4;
constexpr std::uint64_t kHardwareSlowdown = 0x8;
constexpr std::uint64_t kSyncBoost = 0x10;
constexpr std::uint64_t kSoftwareThermalSlowdown = 0x20;
constexpr std::uint64_t kHardwareThermalSlowdown = 0x40;
constexpr std::uint64_t kHardwarePowerBrake = 0x80;
constexpr std::uint64_t kDisplayClocks = 0x100;

// Those that say that the figure is of a device in trouble. A software power cap is not among them:
// a device at full load runs into it, and that is its speed.
constexpr std::uint64_t kSlowdowns =
    kHardwareSlowdown | kSoftwareThermalSlowdown | kHardwareThermalSlowdown | kHardwarePowerBrake;

// "sw_power_cap hw_thermal_slowdown". Being idle is no reason to be named; unknown bits are named
// by their number.
std::string throttle_reasons_text(std::uint64_t reasons);

}  // namespace lmbench::stats
