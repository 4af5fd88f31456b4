// What is read from /proc and /sys, from folders that look like them.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

#include "telemetry/host_counters.hpp"
#include "telemetry/package_energy.hpp"
#include "telemetry/process_counters.hpp"
#include "temporary_folder.hpp"

using namespace lmbench::telemetry;
using lmbench::stats::HostSample;
using lmbench::test::TemporaryFolder;

namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("the machine's counters are those of the kernel's files") {
  const TemporaryFolder root;
  // user nice system idle iowait irq softirq steal, in ticks of 10 ms.
  write(root.path() / "proc/stat",
        "cpu  100 20 30 900 50 5 5 7 0 0\ncpu0 50 10 15 450 25 2 3 3 0 0\ncpu1 50 10 15 450 25 3 2 "
        "4 0 0\nintr 1\n");
  write(root.path() / "proc/pressure/cpu", "some avg10=0.10 avg60=0.0 avg300=0.0 total=1234\n");
  write(root.path() / "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000\n");
  write(root.path() / "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "2000000\n");
  HostSample sample;
  read_host_counters(root.path(), sample);
  const auto tick_ns = 1'000'000'000ULL / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  CHECK(sample.cpus == 2);
  CHECK(sample.busy_ns == 160 * tick_ns);
  CHECK(sample.steal_ns == 7 * tick_ns);
  CHECK(sample.cpu_pressure_us == 1234);
  CHECK_FALSE(sample.memory_pressure_us);
  CHECK(sample.cpu_mhz == doctest::Approx(2500));
}

TEST_CASE("where there is nothing to read nothing is known") {
  const TemporaryFolder root;
  HostSample sample;
  read_host_counters(root.path(), sample);
  CHECK_FALSE(sample.busy_ns);
  CHECK_FALSE(sample.steal_ns);
  CHECK_FALSE(sample.cpu_mhz);
  CHECK_FALSE(process_counters(root.path(), 1).cpu_ns);
  CHECK_FALSE(proportional_bytes(root.path(), 1));
  CHECK_FALSE(context_switches(root.path(), 1));
  CHECK_FALSE(has_gpu_open(root.path(), 1));
  CHECK_FALSE(PackageEnergy(root.path()).since_first_uj());
}

TEST_CASE("a process is counted whatever its name is") {
  const TemporaryFolder root;
  write(root.path() / "proc/7/stat",
        "7 (a) b (c) S 1 5 5 0 -1 0 1 2 3 4 30 12 0 0 20 0 4 0 99 1000 25 0\n");
  const ProcessCounters counters = process_counters(root.path(), 7);
  const auto tick_ns = 1'000'000'000ULL / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  CHECK(counters.group == 5);
  CHECK(counters.cpu_ns == 42 * tick_ns);
  CHECK(counters.resident_bytes == 25 * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  write(root.path() / "proc/7/smaps_rollup", "1-2 ---p\nRss: 100 kB\nPss:      40 kB\n");
  CHECK(proportional_bytes(root.path(), 7) == 40 * 1024);
}

TEST_CASE("context switches are those of all threads") {
  const TemporaryFolder root;
  for (const char* thread : {"7", "8"}) {
    write(root.path() / "proc/7/task" / thread / "status",
          "Name:\tx\nvoluntary_ctxt_switches:\t3\nnonvoluntary_ctxt_switches:\t4\n");
  }
  const auto switches = context_switches(root.path(), 7);
  REQUIRE(switches);
  CHECK(switches->voluntary == 6);
  CHECK(switches->involuntary == 8);
}

TEST_CASE("a CUDA process is known by the device file that it has open") {
  const TemporaryFolder root;
  std::filesystem::create_directories(root.path() / "proc/7/fd");
  std::filesystem::create_symlink("/dev/nvidiactl", root.path() / "proc/7/fd/3");
  CHECK_FALSE(has_gpu_open(root.path(), 7));
  std::filesystem::create_symlink("/dev/nvidia0", root.path() / "proc/7/fd/4");
  CHECK(has_gpu_open(root.path(), 7));
}

TEST_CASE("package energy is the sum of packages, over the end of their range") {
  const TemporaryFolder root;
  const auto zones = root.path() / "sys/class/powercap";
  for (const char* zone : {"intel-rapl:0", "intel-rapl:1"}) {
    write(zones / zone / "name", zone == std::string("intel-rapl:0") ? "package-0\n" : "psys\n");
    write(zones / zone / "max_energy_range_uj", "1000\n");
    write(zones / zone / "energy_uj", "900\n");
  }
  PackageEnergy energy(root.path());
  CHECK(energy.since_first_uj() == 0);
  write(zones / "intel-rapl:0/energy_uj", "50\n");
  CHECK(energy.since_first_uj() == 150);
  write(zones / "intel-rapl:0/energy_uj", "60\n");
  CHECK(energy.since_first_uj() == 160);
}
