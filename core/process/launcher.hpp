// Keeps an engine ready for the next case: starts a worker, loads, resets between cases, and
// starts a new worker after one was lost. Knows whether trying again makes sense.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "process/protocol.hpp"
#include "process/run_log.hpp"
#include "process/session.hpp"
#include "run/outcome.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

class Launcher {
 public:
  // The scenario and the log must outlive it. options: with the hints about the plan.
  // on_worker: told the process id of each new worker.
  Launcher(const scenario::Scenario& scenario, scenario::Options options, bool in_process,
           RunLog& log, std::function<void(int pid)> on_worker);

  // A loaded engine on which nothing has run since load or reset, or why there is none.
  std::optional<run::Outcome> make_ready(const Session::HeartbeatSink& on_heartbeat);
  // Whether the failure of make_ready() would come again for any other case.
  bool is_failure_lasting() const noexcept { return is_failure_lasting_; }

  // After make_ready() said that all is well.
  std::variant<CaseReply, run::Outcome> run_case(const CaseRequest& request,
                                                 const Session::HeartbeatSink& on_heartbeat);

  // Of the latest worker that came so far.
  const std::optional<DescribeReply>& description() const noexcept { return description_; }
  const std::optional<LoadReply>& load() const noexcept { return load_; }

  void close();  // ends the worker
 private:
  bool reset();
  std::optional<run::Outcome> start(const Session::HeartbeatSink& on_heartbeat);
  std::optional<run::Outcome> describe_and_load(const Session::HeartbeatSink& on_heartbeat);

  const scenario::Scenario& scenario_;
  scenario::Options options_;
  bool in_process_;
  RunLog& log_;
  std::function<void(int pid)> on_worker_;
  std::optional<Session> session_;
  bool was_used_ = false;
  std::optional<run::Status> last_loss_;  // the worker died or hung in the latest load
  bool is_failure_lasting_ = false;
  std::optional<DescribeReply> description_;
  std::optional<LoadReply> load_;
};

}  // namespace lmbench::process
