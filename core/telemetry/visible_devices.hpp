// Which devices CUDA shows to a process, by its environment variable CUDA_VISIBLE_DEVICES.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lmbench::telemetry {

// Indices into uuids, which are in NVML's order. setting: the variable's value; empty: not set, all
// are visible. As CUDA does it: a list of numbers or beginnings of uuids with commas between; what
// stands behind an entry that is no device is not visible either. Numbers count in NVML's order,
// which is CUDA's where all devices are of one kind or CUDA_DEVICE_ORDER=PCI_BUS_ID.
std::vector<std::uint32_t> visible_devices(const std::optional<std::string>& setting,
                                           std::span<const std::string> uuids);

}  // namespace lmbench::telemetry
