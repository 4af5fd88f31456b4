// SPDX-License-Identifier: Apache-2.0
#include "process/machine_facts.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

extern char** environ;

namespace lmbench::process {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '"'; };
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  const auto first = std::find_if_not(text.begin(), text.end(), is_blank);
  return {first, text.end()};
}

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return trimmed(line);
}

// The value behind "key : value" or "key=value", of the first line that has the key.
std::string value_of(const fs::path& file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto separator = line.find_first_of(":=");
    if (separator == std::string::npos || trimmed(line.substr(0, separator)) != key) continue;
    return trimmed(line.substr(separator + 1));
  }
  return {};
}

std::string usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return {};
  return std::to_string(CPU_COUNT(&set));
}

std::string working_directory() {
  std::error_code error;
  return fs::current_path(error).string();
}

}  // namespace

Facts machine_facts(const fs::path& root) {
  const fs::path cpuinfo = root / "proc/cpuinfo";
  const fs::path cpu = root / "sys/devices/system/cpu";
  const fs::path cgroup = root / "sys/fs/cgroup";
  const Facts candidates = {
      {"host", first_line(root / "proc/sys/kernel/hostname")},
      {"os", value_of(root / "etc/os-release", "PRETTY_NAME")},
      {"kernel", first_line(root / "proc/sys/kernel/osrelease")},
      {"cpu_model", value_of(cpuinfo, "model name")},
      {"cpu_flags", value_of(cpuinfo, "flags")},
      {"cpus_online", first_line(cpu / "online")},
      {"cpus_usable", usable_cpus()},
      {"cpu_governor", first_line(cpu / "cpu0/cpufreq/scaling_governor")},
      {"cpu_max_khz", first_line(cpu / "cpu0/cpufreq/cpuinfo_max_freq")},
      {"cpu_no_turbo", first_line(cpu / "intel_pstate/no_turbo")},
      {"cpu_cache_l2", first_line(cpu / "cpu0/cache/index2/size")},
      {"cpu_cache_l3", first_line(cpu / "cpu0/cache/index3/size")},
      {"numa_nodes", first_line(root / "sys/devices/system/node/online")},
      {"memory_total", value_of(root / "proc/meminfo", "MemTotal")},
      {"memory_available", value_of(root / "proc/meminfo", "MemAvailable")},
      {"huge_pages", first_line(root / "sys/kernel/mm/transparent_hugepage/enabled")},
      {"clock_source",
       first_line(root / "sys/devices/system/clocksource/clocksource0/current_clocksource")},
      {"load_average", first_line(root / "proc/loadavg")},
      {"cgroup_cpu_max", first_line(cgroup / "cpu.max")},
      {"cgroup_memory_max", first_line(cgroup / "memory.max")},
      {"nvidia_driver", first_line(root / "proc/driver/nvidia/version")},
      {"working_directory", working_directory()},
  };
  Facts known;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(known),
               [](const auto& fact) { return !fact.second.empty(); });
  return known;
}

Facts relevant_environment() {
  constexpr std::array<std::string_view, 13> kPrefixes = {
      "CUDA_", "NVIDIA_", "NCCL_", "OMP_", "GOMP_",    "KMP_",   "ONEDNN_",
      "DNNL_", "MKL_",    "LD_",   "TM_",  "LMBENCH_", "MALLOC_"};
  Facts found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool is_relevant = std::any_of(kPrefixes.begin(), kPrefixes.end(),
                                         [&](auto prefix) { return text.starts_with(prefix); });
    const auto equals = text.find('=');
    if (is_relevant && equals != std::string_view::npos) {
      found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace lmbench::process
