// The ranks of an engine as processes: called from a launcher's job, or started here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <span>
#include <string>

#include "turbomind/config.hpp"
#include "turbomind/ranks/rank_processes.hpp"
#include "turbomind/ranks/remote_ranks.hpp"

namespace turbomind {

// By option ranks = "processes", or within a job of turbomind_rank. One rank needs none.
bool uses_processes(const EngineOptions& options, std::uint32_t ranks);

class ProcessRanks {
 public:
  // Returns when all ranks have come. Throws Error.
  ProcessRanks(const EngineOptions& options, std::uint32_t ranks, lmbench::ConfigView config);

  Communicator& communicator() noexcept { return remote_->communicator(); }

  void begin_load(const ExecutorLimits& limits);
  MemoryUse finish_load() { return remote_->finish_load(); }
  void send_plan(std::span<const std::byte> plan) { remote_->send_plan(plan); }
  std::string loss() const { return remote_->loss(); }
 private:
  std::uint32_t ranks_;
  std::vector<OwnedOption> options_;
  RankProcesses processes_;  // ends after the ranks were told
  std::unique_ptr<RemoteRanks> remote_;
};

}  // namespace turbomind
