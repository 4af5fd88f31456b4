// Ranks as child processes of the engine's process, for option ranks = "processes" without a launcher.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "turbomind/ranks/remote_ranks.hpp"

namespace turbomind {

class RankProcesses {
 public:
  RankProcesses() = default;
  // Waits a moment for each to end, then ends it.
  ~RankProcesses();
  RankProcesses(const RankProcesses&) = delete;
  RankProcesses& operator=(const RankProcesses&) = delete;

  // Starts ranks 1 .. ranks - 1. Throws Error: not_found without the executable.
  void start(std::uint32_t ranks, const Meeting& meeting);
 private:
  std::vector<pid_t> pids_;
};

// The executable turbomind_rank: what TURBOMIND_RANK names, else where a build or an installation has it,
// seen from this plugin. Throws Error(not_found).
std::string rank_executable();

}  // namespace turbomind
