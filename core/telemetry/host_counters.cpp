// SPDX-License-Identifier: Apache-2.0
#include "telemetry/host_counters.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "telemetry/system_file.hpp"

namespace lmbench::telemetry {
namespace {

namespace fs = std::filesystem;

// proc(5): user nice system idle iowait irq softirq steal, in ticks; guests are in user and nice.
void read_cpu_time(const fs::path& root, stats::HostSample& sample) {
  std::istringstream stat(text_in(root / "proc/stat"));
  std::string name;
  std::array<std::uint64_t, 8> ticks{};
  if (!(stat >> name) || name != "cpu") return;
  for (std::uint64_t& count : ticks) stat >> count;
  if (!stat) return;
  const std::uint64_t tick_ns = 1'000'000'000U / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  sample.busy_ns = (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) * tick_ns;
  sample.steal_ns = ticks[7] * tick_ns;
  std::string line;
  std::getline(stat, line);
  while (std::getline(stat, line) && line.starts_with("cpu")) ++sample.cpus;
}

// The line "some avg10=0.00 … total=1234" of a file of /proc/pressure, in microseconds.
std::optional<std::uint64_t> pressure_us(const fs::path& root, const char* resource) {
  return number_after(text_in(root / "proc/pressure" / resource), "total=");
}

// Of at most eight CPUs, spread over all: each look may wake the one it is about.
std::optional<double> mean_cpu_mhz(const fs::path& root, std::uint32_t cpus) {
  constexpr std::uint32_t kMostLooks = 8;
  constexpr double kKilohertzPerMegahertz = 1000;
  double sum = 0;
  std::uint32_t found = 0;
  const std::uint32_t stride = std::max(1U, cpus / kMostLooks);
  for (std::uint32_t cpu = 0; cpu < cpus; cpu += stride) {
    const auto khz = number_in(root / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpu)) /
                               "cpufreq/scaling_cur_freq");
    if (!khz) continue;
    sum += static_cast<double>(*khz) / kKilohertzPerMegahertz;
    ++found;
  }
  return found > 0 ? std::optional(sum / found) : std::nullopt;
}

// Where the system has no cpufreq, as in virtual machines: as much of cpuinfo as one look reads.
std::optional<double> mean_cpuinfo_mhz(const fs::path& root) {
  constexpr std::string_view kKey = "cpu MHz";
  const std::string text = text_in(root / "proc/cpuinfo");
  double sum = 0;
  int found = 0;
  for (std::size_t at = text.find(kKey); at != std::string::npos; at = text.find(kKey, at + 1)) {
    const std::size_t colon = text.find(':', at);
    if (colon == std::string::npos) break;
    std::istringstream value(text.substr(colon + 1, 32));
    double mhz = 0;
    if (!(value >> mhz)) continue;
    sum += mhz;
    ++found;
  }
  return found > 0 ? std::optional(sum / found) : std::nullopt;
}

}  // namespace

void read_host_counters(const fs::path& root, stats::HostSample& sample) {
  read_cpu_time(root, sample);
  sample.cpu_pressure_us = pressure_us(root, "cpu");
  sample.memory_pressure_us = pressure_us(root, "memory");
  sample.io_pressure_us = pressure_us(root, "io");
  sample.cpu_mhz = mean_cpu_mhz(root, sample.cpus);
  if (!sample.cpu_mhz) sample.cpu_mhz = mean_cpuinfo_mhz(root);
}

}  // namespace lmbench::telemetry
