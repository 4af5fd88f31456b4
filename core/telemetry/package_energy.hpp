// Energy of the CPU packages by RAPL, from /sys/class/powercap. Usually root alone may read it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace lmbench::telemetry {

class PackageEnergy {
 public:
  // root: "/" but for tests. Finds the packages; none where they cannot be read.
  explicit PackageEnergy(const std::filesystem::path& root);

  // Microjoules of all packages since the first call. The counters of the hardware start again at
  // their stated range, after minutes at the soonest; call it more often than that.
  std::optional<std::uint64_t> since_first_uj();
 private:
  struct Package {
    std::filesystem::path counter;
    std::uint64_t range_uj;
    std::optional<std::uint64_t> last_uj;
  };
  std::vector<Package> packages_;
  std::uint64_t sum_uj_ = 0;
};

}  // namespace lmbench::telemetry
