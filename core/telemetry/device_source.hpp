// Looks at the devices that the worker uses: finds out which they are, by its process id or, where a
// container hides those, by what is visible to it; and remembers what was in use before it came.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stats/telemetry_sample.hpp"
#include "telemetry/nvml.hpp"

namespace lmbench::telemetry {

class DeviceSource {
 public:
  // nvml must outlive it. root: "/" but for tests. visible: the worker's CUDA_VISIBLE_DEVICES.
  DeviceSource(const Nvml& nvml, std::filesystem::path root,
               const std::optional<std::string>& visible);

  // A sample of each device in use, none for an engine that uses none. worker_pid: 0 when there is
  // no worker. now_ns: CLOCK_MONOTONIC.
  std::vector<stats::DeviceSample> look(std::uint32_t worker_pid, std::uint64_t now_ns);
 private:
  struct Tenants {
    std::optional<std::uint64_t> used_bytes;
    std::optional<std::vector<ComputeProcess>> processes;
    std::vector<ComputeProcess> ours;
  };
  Tenants tenants_of(std::uint32_t device, std::uint32_t worker_pid) const;
  bool is_used_unseen(std::uint32_t device, const Tenants& tenants) const;
  stats::DeviceSample sample_of(std::uint32_t device, const Tenants& tenants) const;

  const Nvml& nvml_;
  std::filesystem::path root_;
  std::vector<bool> is_visible_;
  std::vector<std::optional<std::uint64_t>> before_load_bytes_;
};

}  // namespace lmbench::telemetry
