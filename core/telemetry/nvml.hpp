// NVIDIA's management library, opened at run time. What the library, the driver or the device does
// not offer is an empty value. Any call may block for as long as the driver likes: call it from a
// thread that can be given up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stats/telemetry_sample.hpp"

namespace lmbench::telemetry {

// Name and value in a fixed order; what is not known is left out.
using Facts = std::vector<std::pair<std::string, std::string>>;

struct ComputeProcess {
  std::uint32_t pid = 0;
  std::optional<std::uint64_t> used_bytes;
};

class Nvml {
 public:
  // Empty without the library or a driver. library: "libnvidia-ml.so.1".
  static std::unique_ptr<Nvml> open(const std::string& library);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  std::uint32_t device_count() const noexcept;
  std::string uuid(std::uint32_t device) const;
  // Of a device, for the manifest: driver, clock policy, limits, modes.
  Facts facts(std::uint32_t device) const;

  // What is allocated, without what the driver keeps for itself where it tells the two apart.
  std::optional<std::uint64_t> used_bytes(std::uint32_t device) const;
  std::optional<std::vector<ComputeProcess>> compute_processes(std::uint32_t device) const;
  // Clocks, temperature, power, energy, utilisation and throttle reasons.
  void read_state(std::uint32_t device, stats::DeviceSample& sample) const;
 private:
  struct Library;
  explicit Nvml(std::unique_ptr<Library> library);
  std::unique_ptr<Library> library_;
};

}  // namespace lmbench::telemetry
