// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/process_ranks.hpp"

#include <lmbench/plugin.hpp>

#include "turbomind/ranks/job_control.hpp"

namespace turbomind {

bool uses_processes(const EngineOptions& options, std::uint32_t ranks) {
  return ranks > 1 && (options.ranks_are_processes || job_control().has_value());
}

ProcessRanks::ProcessRanks(const EngineOptions& options, std::uint32_t ranks,
                           lmbench::ConfigView config)
    : ranks_(ranks), options_(own(config)) {
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
  remote.step_timeout_s = options.step_timeout_s;
  remote_ = std::make_unique<RemoteRanks>(remote, [&](const Meeting& meeting) {
    if (job) {
      call_job(*job, meeting);
    } else {
      processes_.start(ranks, meeting);
    }
  });
}

void ProcessRanks::begin_load(const ExecutorLimits& limits) {
  remote_->begin_load({.options = options_, .limits = limits, .ranks = ranks_});
}

}  // namespace turbomind
