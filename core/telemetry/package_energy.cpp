// SPDX-License-Identifier: Apache-2.0
#include "telemetry/package_energy.hpp"

#include <algorithm>
#include <string>

#include "telemetry/system_file.hpp"

namespace lmbench::telemetry {
namespace {

namespace fs = std::filesystem;

// "intel-rapl:0" is a package, "intel-rapl:0:1" a part of it, "psys" the whole machine.
bool is_package(const fs::path& zone) {
  const std::string name = zone.filename().string();
  return std::count(name.begin(), name.end(), ':') == 1 &&
         text_in(zone / "name").starts_with("package");
}

}  // namespace

PackageEnergy::PackageEnergy(const fs::path& root) {
  std::error_code error;
  for (fs::directory_iterator zone(root / "sys/class/powercap", error), end; !error && zone != end;
       zone.increment(error)) {
    if (!is_package(zone->path())) continue;
    const fs::path counter = zone->path() / "energy_uj";
    const auto range_uj = number_in(zone->path() / "max_energy_range_uj");
    if (range_uj && number_in(counter)) packages_.push_back({counter, *range_uj, {}});
  }
}

std::optional<std::uint64_t> PackageEnergy::since_first_uj() {
  if (packages_.empty()) return std::nullopt;
  for (Package& package : packages_) {
    const auto now_uj = number_in(package.counter);
    if (!now_uj) return std::nullopt;
    const std::uint64_t last_uj = package.last_uj.value_or(*now_uj);
    sum_uj_ += *now_uj >= last_uj ? *now_uj - last_uj : package.range_uj - last_uj + *now_uj;
    package.last_uj = now_uj;
  }
  return sum_uj_;
}

}  // namespace lmbench::telemetry
