// SPDX-License-Identifier: Apache-2.0
#include "process/cpu_set.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "error.hpp"

namespace lmbench::process {
namespace {

[[noreturn]] void refuse(std::string_view list) {
  throw Error("'" + std::string(list) + "' is not a list of CPUs such as 0-3,8");
}

std::uint32_t number_at(std::string_view& text, std::string_view list) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number >= CPU_SETSIZE) refuse(list);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::vector<std::uint32_t> cpus_in(std::string_view list) {
  std::vector<std::uint32_t> cpus;
  std::string_view rest = list;
  while (true) {
    const std::uint32_t first = number_at(rest, list);
    std::uint32_t last = first;
    if (rest.starts_with('-')) {
      rest.remove_prefix(1);
      last = number_at(rest, list);
    }
    if (last < first) refuse(list);
    for (std::uint32_t cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (rest.empty()) break;
    if (!rest.starts_with(',')) refuse(list);
    rest.remove_prefix(1);
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

void run_on_cpus(std::string_view list) {
  const std::vector<std::uint32_t> cpus = cpus_in(list);
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const std::uint32_t cpu : cpus) CPU_SET(cpu, &set);
  cpu_set_t got;
  CPU_ZERO(&got);
  // The kernel leaves out CPUs that there are not, and refuses only an empty rest.
  if (::sched_setaffinity(0, sizeof set, &set) == 0 &&
      ::sched_getaffinity(0, sizeof got, &got) == 0 && CPU_EQUAL(&set, &got)) {
    return;
  }
  throw Error("the worker cannot run on the CPUs " + std::string(list) +
                  ": the machine or the container does not have them all",
              ExitCode::engine_unusable);
}

}  // namespace lmbench::process
