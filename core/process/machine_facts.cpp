// SPDX-License-Identifier: Apache-2.0
#include "process/machine_facts.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
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

// The folders cpu0, cpu1, ... below sys/devices/system/cpu.
std::vector<fs::path> cpu_folders(const fs::path& cpus) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(cpus, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool is_numbered = name.size() > 3 && name.starts_with("cpu") &&
                             name.find_first_not_of("0123456789", 3) == std::string::npos;
    if (is_numbered) folders.push_back(entry->path());
  }
  return folders;
}

// "1 socket, 8 cores, 16 threads"
std::string topology(const std::vector<fs::path>& cpus) {
  std::set<std::string> sockets;
  std::set<std::string> cores;
  std::size_t threads = 0;
  for (const fs::path& cpu : cpus) {
    const std::string socket = first_line(cpu / "topology/physical_package_id");
    const std::string core = first_line(cpu / "topology/core_id");
    if (core.empty()) continue;  // offline
    sockets.insert(socket);
    cores.insert(socket + "/" + core);
    ++threads;
  }
  if (threads == 0) return {};
  const auto count = [](std::size_t n, const char* noun) {
    return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
  };
  return count(sockets.size(), "socket") + ", " + count(cores.size(), "core") + ", " +
         count(threads, "thread");
}

// The governor of all, or "performance x 6, powersave x 2" where they differ.
std::string governors(const std::vector<fs::path>& cpus) {
  std::map<std::string, int> count_of;
  for (const fs::path& cpu : cpus) {
    const std::string governor = first_line(cpu / "cpufreq/scaling_governor");
    if (!governor.empty()) ++count_of[governor];
  }
  if (count_of.size() == 1) return count_of.begin()->first;
  std::string text;
  for (const auto& [governor, count] : count_of) {
    text += (text.empty() ? "" : ", ") + governor + " x " + std::to_string(count);
  }
  return text;
}

// Two drivers say it in opposite words.
std::string turbo(const fs::path& cpus) {
  const std::string no_turbo = first_line(cpus / "intel_pstate/no_turbo");
  const std::string boost = first_line(cpus / "cpufreq/boost");
  if (!no_turbo.empty()) return no_turbo == "0" ? "on" : "off";
  if (!boost.empty()) return boost == "0" ? "off" : "on";
  return {};
}

// A limit of our control group: of its own folder where that is visible, as it is on a host, else of
// the root, which is what a container sees. v1 has a folder for each controller.
std::string cgroup_limit(const fs::path& root, const char* v2_file, const char* v1_file) {
  const fs::path groups = root / "sys/fs/cgroup";
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("0::/")) continue;
    const std::string limit = first_line(groups / line.substr(4) / v2_file);
    if (!limit.empty()) return limit;
  }
  const std::string limit = first_line(groups / v2_file);
  return limit.empty() ? first_line(groups / v1_file) : limit;
}

std::string working_directory() {
  std::error_code error;
  return fs::current_path(error).string();
}

}  // namespace

Facts machine_facts(const fs::path& root) {
  const fs::path cpuinfo = root / "proc/cpuinfo";
  const fs::path cpu = root / "sys/devices/system/cpu";
  const std::vector<fs::path> cpus = cpu_folders(cpu);
  const Facts candidates = {
      {"host", first_line(root / "proc/sys/kernel/hostname")},
      {"os", value_of(root / "etc/os-release", "PRETTY_NAME")},
      {"kernel", first_line(root / "proc/sys/kernel/osrelease")},
      {"cpu_model", value_of(cpuinfo, "model name")},
      {"cpu_flags", value_of(cpuinfo, "flags")},
      {"cpu_topology", topology(cpus)},
      {"cpus_online", first_line(cpu / "online")},
      {"cpus_usable", usable_cpus()},
      {"cpu_governor", governors(cpus)},
      {"cpu_max_khz", first_line(cpu / "cpu0/cpufreq/cpuinfo_max_freq")},
      {"cpu_turbo", turbo(cpu)},
      {"cpu_frequency_driver", first_line(cpu / "cpu0/cpufreq/scaling_driver")},
      {"cpu_cache_l2", first_line(cpu / "cpu0/cache/index2/size")},
      {"cpu_cache_l3", first_line(cpu / "cpu0/cache/index3/size")},
      {"numa_nodes", first_line(root / "sys/devices/system/node/online")},
      {"memory_total", value_of(root / "proc/meminfo", "MemTotal")},
      {"memory_available", value_of(root / "proc/meminfo", "MemAvailable")},
      {"huge_pages", first_line(root / "sys/kernel/mm/transparent_hugepage/enabled")},
      {"clock_source",
       first_line(root / "sys/devices/system/clocksource/clocksource0/current_clocksource")},
      {"load_average", first_line(root / "proc/loadavg")},
      {"cgroup_cpu_max", cgroup_limit(root, "cpu.max", "cpu/cpu.cfs_quota_us")},
      {"cgroup_memory_max", cgroup_limit(root, "memory.max", "memory/memory.limit_in_bytes")},
      {"cgroup_cpus", cgroup_limit(root, "cpuset.cpus.effective", "cpuset/cpuset.cpus")},
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
