// Looks at this process now and then while a case runs: how long its threads were ready to run and
// had no CPU. The kernel counts that anyway (the second number of /proc/self/task/*/schedstat), so
// that the threads which are measured do nothing for it; reading it takes some ten microseconds, a
// few times a second, on the heart's thread. A look that comes late says the same of a machine that
// stood still as a whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "stats/host_stall.hpp"

namespace lmbench::process {

class HostWatch {
 public:
  // tasks: a folder for each thread, with its schedstat.
  explicit HostWatch(std::filesystem::path tasks = "/proc/self/task") : tasks_(std::move(tasks)) {}

  // [control] The first and the last look of a case.
  void begin(std::uint64_t now_ns);
  std::vector<stats::HostLook> end(std::uint64_t now_ns);

  // [any] Nothing happens outside of a case.
  void look(std::uint64_t now_ns);
 private:
  std::uint64_t longest_wait_ns();
  void add_look(std::uint64_t now_ns);

  std::filesystem::path tasks_;
  std::mutex mutex_;  // of all below
  bool is_watching_ = false;
  std::map<std::string, std::uint64_t> waited_ns_;  // by thread, when it was last looked at
  std::vector<stats::HostLook> looks_;
};

}  // namespace lmbench::process
