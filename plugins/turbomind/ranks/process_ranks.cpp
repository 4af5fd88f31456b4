// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/process_ranks.hpp"

#include <lmbench/plugin.hpp>

#include "turbomind/ranks/job_control.hpp"

namespace turbomind {

std::optional<ProcessSeat> seat_of(const EngineOptions& options) {
  if (const std::optional<JobControl> job = job_control()) {
    return ProcessSeat{job->local_rank, job->local_rank + 1};
  }
  if (options.ranks_are_processes) return ProcessSeat{0, options.tp};
  return std::nullopt;
}

ProcessRanks::ProcessRanks(const EngineOptions& options, std::uint32_t ranks) : ranks_(ranks) {
  const std::optional<JobControl> job = job_control();
  if (job && job->ranks != ranks) {
    throw lmbench::sdk::Error(lmbench::Code::invalid_argument,
                              "tp is " + std::to_string(ranks) + ", but the launcher started " +
                                  std::to_string(job->ranks) + " ranks");
  }
  RemoteRanks::Options remote;
  remote.ranks = ranks;
  remote.listen_host = job ? "" : "127.0.0.1";
  remote.silence_s = options.rank_silence_s;
  remote.step_timeout_s = options.step_timeout_s.value_or(kStepTimeoutS);
  remote_ = std::make_unique<RemoteRanks>(remote, [&](const Meeting& meeting) {
    if (job) {
      call_job(*job, meeting);
    } else {
      processes_.start(ranks, meeting);
    }
  });
}

HostMemory ProcessRanks::open(lmbench::ConfigView config, bool uses_gpus) {
  try {
    return remote_->open({.options = own(config), .ranks = ranks_, .uses_gpus = uses_gpus});
  } catch (const LineBroken&) {
    const std::optional<RankFailure> reason = remote_->reason();
    if (!reason) throw;
    throw lmbench::sdk::Error(reason->code, reason->text);
  }
}

}  // namespace turbomind
