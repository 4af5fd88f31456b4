// SPDX-License-Identifier: Apache-2.0
#include "process/machine_facts.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "temporary_folder.hpp"

namespace {

std::string value(const lmbench::process::Facts& facts, const std::string& name) {
  for (const auto& [fact, text] : facts) {
    if (fact == name) return text;
  }
  return "absent";
}

}  // namespace

TEST_CASE("facts are read from proc, sys and etc, and what is not there is left out") {
  const lmbench::test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "proc");
  std::filesystem::create_directories(folder.path() / "etc");
  std::ofstream(folder.path() / "proc/cpuinfo")
      << "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nprocessor\t: 1\n";
  std::ofstream(folder.path() / "proc/meminfo") << "MemTotal:       1024 kB\n";
  std::ofstream(folder.path() / "etc/os-release") << "PRETTY_NAME=\"Some Linux 12\"\n";
  const auto facts = lmbench::process::machine_facts(folder.path());
  CHECK(value(facts, "cpu_model") == "Some CPU @ 3 GHz");
  CHECK(value(facts, "memory_total") == "1024 kB");
  CHECK(value(facts, "os") == "Some Linux 12");
  CHECK(value(facts, "cpu_governor") == "absent");
  CHECK(value(facts, "cpus_usable") != "absent");
}

TEST_CASE("topology, governors and turbo speak of all processors") {
  const lmbench::test::TemporaryFolder folder;
  const auto write = [&](const std::string& file, const std::string& text) {
    const auto path = folder.path() / "sys/devices/system/cpu" / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << "\n";
  };
  for (int cpu = 0; cpu < 4; ++cpu) {
    const std::string name = "cpu" + std::to_string(cpu);
    write(name + "/topology/physical_package_id", "0");
    write(name + "/topology/core_id", std::to_string(cpu / 2));
    write(name + "/cpufreq/scaling_governor", "performance");
  }
  write("cpufreq/boost", "0");
  const auto all_alike = lmbench::process::machine_facts(folder.path());
  CHECK(value(all_alike, "cpu_topology") == "1 socket, 2 cores, 4 threads");
  CHECK(value(all_alike, "cpu_governor") == "performance");
  CHECK(value(all_alike, "cpu_turbo") == "off");
  write("cpu3/cpufreq/scaling_governor", "powersave");
  write("intel_pstate/no_turbo", "0");
  const auto different = lmbench::process::machine_facts(folder.path());
  CHECK(value(different, "cpu_governor") == "performance x 3, powersave x 1");
  CHECK(value(different, "cpu_turbo") == "on");
}

TEST_CASE("limits are those of our own control group where it can be seen") {
  const lmbench::test::TemporaryFolder folder;
  const auto groups = folder.path() / "sys/fs/cgroup";
  std::filesystem::create_directories(groups / "user.slice/mine");
  std::filesystem::create_directories(folder.path() / "proc/self");
  std::ofstream(folder.path() / "proc/self/cgroup") << "0::/user.slice/mine\n";
  std::ofstream(groups / "cpu.max") << "max 100000\n";
  std::ofstream(groups / "user.slice/mine/memory.max") << "1073741824\n";
  const auto facts = lmbench::process::machine_facts(folder.path());
  CHECK(value(facts, "cgroup_memory_max") == "1073741824");
  CHECK(value(facts, "cgroup_cpu_max") == "max 100000");
}

TEST_CASE("limits of the first version of control groups are found too") {
  const lmbench::test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "sys/fs/cgroup/memory");
  std::ofstream(folder.path() / "sys/fs/cgroup/memory/memory.limit_in_bytes") << "1024\n";
  const auto facts = lmbench::process::machine_facts(folder.path());
  CHECK(value(facts, "cgroup_memory_max") == "1024");
  CHECK(value(facts, "cgroup_cpu_max") == "absent");
}

TEST_CASE("the environment of the manifest holds what changes an engine, and nothing private") {
  ::setenv("OMP_NUM_THREADS", "3", 1);
  ::setenv("SOME_TOKEN", "secret", 1);
  const auto facts = lmbench::process::relevant_environment();
  CHECK(value(facts, "OMP_NUM_THREADS") == "3");
  CHECK(value(facts, "SOME_TOKEN") == "absent");
}
