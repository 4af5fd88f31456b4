// Which CUDA devices this process can use, and if none, why, in words. Loads no library beyond the
// runtime that is linked in, and makes no context.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace turbomind::cuda {

struct DeviceProbe {
  std::uint32_t count = 0;  // devices 0 .. count - 1 are usable
  std::string why_not;      // of the first one that is not, or of there being none at all
};

DeviceProbe probe_devices() noexcept;

// "NVIDIA H100 80GB HBM3". Throws Error(device_error).
std::string name_of_device(std::uint32_t device);

// No two GPUs have the same, wherever they are.
using DeviceUuid = std::array<char, 16>;
DeviceUuid uuid_of_device(std::uint32_t device);

}  // namespace turbomind::cuda
