// Looks at the machine and the worker through /proc and /sys. Knows what a look costs, and takes
// the dear ones seldom.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "stats/telemetry_sample.hpp"
#include "telemetry/package_energy.hpp"

namespace lmbench::telemetry {

class HostSource {
 public:
  // root: "/" but for tests.
  explicit HostSource(const std::filesystem::path& root);

  // worker_pid: 0 when there is none. now_ns: CLOCK_MONOTONIC.
  stats::HostSample look(std::uint32_t worker_pid, std::uint64_t now_ns);
 private:
  void look_closely(std::uint32_t worker_pid, stats::HostSample& sample);

  std::filesystem::path root_;
  PackageEnergy energy_;
  std::uint64_t next_close_look_ns_ = 0;
};

}  // namespace lmbench::telemetry
