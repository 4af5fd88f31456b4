// The ranks of an engine as processes: called from a launcher's job, or started here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <optional>
#include <span>

#include "turbomind/config.hpp"
#include "turbomind/ranks/rank_processes.hpp"
#include "turbomind/ranks/remote_ranks.hpp"

namespace turbomind {

// Where this process, which is rank 0, stands among processes: by option ranks = "processes", or within a
// job of turbomind_rank. Nothing: ranks are threads.
std::optional<ProcessSeat> seat_of(const EngineOptions& options);

class ProcessRanks {
 public:
  // Returns when all ranks have come. Throws Error.
  ProcessRanks(const EngineOptions& options, std::uint32_t ranks);

  Communicator& communicator() noexcept { return remote_->communicator(); }

  // See RemoteRanks.
  HostMemory open(lmbench::ConfigView config, bool uses_gpus);
  void begin_load(const ExecutorLimits& limits) { remote_->begin_load(limits); }
  MemoryUse finish_load() { return remote_->finish_load(); }
  void send_plan(std::span<const std::byte> plan) { remote_->send_plan(plan); }
  void on_loss(std::function<void(const RankFailure&)> call) { remote_->on_loss(std::move(call)); }
  std::optional<RankFailure> reason() const { return remote_->reason(); }
  void hang_up() noexcept { remote_->hang_up(); }
 private:
  std::uint32_t ranks_;
  RankProcesses processes_;  // ends after the ranks were told
  std::unique_ptr<RemoteRanks> remote_;
};

}  // namespace turbomind
