// SPDX-License-Identifier: Apache-2.0
#include "telemetry/process_counters.hpp"

#include <unistd.h>

#include <cctype>
#include <sstream>

#include "telemetry/system_file.hpp"

namespace lmbench::telemetry {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& root, std::uint32_t pid) {
  return root / "proc" / std::to_string(pid);
}

std::uint64_t ns_of_ticks(std::uint64_t ticks) {
  static const auto kTicksPerSecond = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return ticks * (1'000'000'000U / kTicksPerSecond);
}

}  // namespace

ProcessCounters process_counters(const fs::path& root, std::uint32_t pid) {
  ProcessCounters counters;
  const std::string stat = text_in(folder_of(root, pid) / "stat");
  // proc(5): the name, second, may hold anything, so count behind its last parenthesis.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return counters;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string state;
  std::uint32_t parent = 0;
  std::uint32_t group = 0;
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::string skipped;
  fields >> state >> parent >> group;
  if (fields) counters.group = group;
  for (int field = 6; field < 14; ++field) fields >> skipped;  // session to cmajflt
  fields >> user_ticks >> system_ticks;
  if (!fields) return counters;
  counters.cpu_ns = ns_of_ticks(user_ticks + system_ticks);
  std::uint64_t pages = 0;
  for (int field = 16; field < 24; ++field) fields >> skipped;  // cutime to vsize
  if (fields >> pages) {
    counters.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  return counters;
}

std::optional<std::uint64_t> proportional_bytes(const fs::path& root, std::uint32_t pid) {
  constexpr std::uint64_t kBytesPerKilobyte = 1024;  // "kB" in /proc is 1024 bytes
  const auto kilobytes = number_after(text_in(folder_of(root, pid) / "smaps_rollup"), "Pss:");
  return kilobytes ? std::optional(*kilobytes * kBytesPerKilobyte) : std::nullopt;
}

std::optional<ContextSwitches> context_switches(const fs::path& root, std::uint32_t pid) {
  std::optional<ContextSwitches> sum;
  std::error_code error;
  for (fs::directory_iterator thread(folder_of(root, pid) / "task", error), end;
       !error && thread != end; thread.increment(error)) {
    const std::string status = text_in(thread->path() / "status");
    const auto voluntary = number_after(status, "\nvoluntary_ctxt_switches:");
    const auto involuntary = number_after(status, "\nnonvoluntary_ctxt_switches:");
    if (!voluntary || !involuntary) continue;
    if (!sum) sum.emplace();
    sum->voluntary += *voluntary;
    sum->involuntary += *involuntary;
  }
  return sum;
}

bool has_gpu_open(const fs::path& root, std::uint32_t pid) {
  constexpr std::string_view kDeviceFile = "/dev/nvidia";
  std::error_code error;
  for (fs::directory_iterator open(folder_of(root, pid) / "fd", error), end; !error && open != end;
       open.increment(error)) {
    std::error_code gone;
    const std::string target = fs::read_symlink(open->path(), gone).string();
    if (target.starts_with(kDeviceFile) && target.size() > kDeviceFile.size() &&
        std::isdigit(static_cast<unsigned char>(target[kDeviceFile.size()])) != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace lmbench::telemetry
