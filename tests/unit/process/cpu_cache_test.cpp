// SPDX-License-Identifier: Apache-2.0
#include "process/cpu_cache.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "temporary_folder.hpp"

using lmbench::process::last_level_cache_bytes;
using lmbench::test::TemporaryFolder;

namespace {

struct Machine {
  void add_cache(int cpu, int index, const std::string& level, const std::string& size,
                 const std::string& cpus) const {
    const auto cache = folder.path() / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpu)) /
                       "cache" / ("index" + std::to_string(index));
    std::filesystem::create_directories(cache);
    std::ofstream(cache / "level") << level << "\n";
    std::ofstream(cache / "size") << size << "\n";
    std::ofstream(cache / "shared_cpu_list") << cpus << "\n";
  }

  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("caches of the last level are added up, each once") {
  const Machine machine;
  for (int cpu = 0; cpu < 4; ++cpu) {
    machine.add_cache(cpu, 0, "1", "48K", std::to_string(cpu));
    machine.add_cache(cpu, 2, "2", "1024K", std::to_string(cpu));
    machine.add_cache(cpu, 3, "3", "32768K", cpu < 2 ? "0-1" : "2-3");
  }
  CHECK(last_level_cache_bytes(machine.folder.path()) == 2U * (32U << 20U));
}

TEST_CASE("without a third level the second is the last") {
  const Machine machine;
  machine.add_cache(0, 0, "1", "64K", "0");
  machine.add_cache(0, 2, "2", "1M", "0");
  CHECK(last_level_cache_bytes(machine.folder.path()) == 1U << 20U);
}

TEST_CASE("a machine that does not tell its caches has none known") {
  const Machine machine;
  CHECK_FALSE(last_level_cache_bytes(machine.folder.path()).has_value());
  machine.add_cache(0, 0, "1", "", "0");
  CHECK_FALSE(last_level_cache_bytes(machine.folder.path()).has_value());
}
