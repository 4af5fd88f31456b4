// SPDX-License-Identifier: Apache-2.0
#include "process/launcher.hpp"

#include <algorithm>

#include "error.hpp"

namespace lmbench::process {
namespace {

// A plugin is asked for its name and its figures; that reads headers at most.
constexpr Limits kDescribeLimits{.stall_s = 120, .total_s = {}};

}  // namespace

Launcher::Launcher(const scenario::Scenario& scenario, scenario::Options options, bool in_process,
                   RunLog& log, std::function<void(int pid)> on_worker)
    : scenario_(scenario),
      options_(std::move(options)),
      in_process_(in_process),
      log_(log),
      on_worker_(std::move(on_worker)) {}

std::optional<run::Outcome> Launcher::make_ready(const Session::HeartbeatSink& on_heartbeat) {
  if (session_ && session_->is_over()) session_.reset();
  if (session_ && was_used_) {
    if (scenario_.measure.isolate == scenario::Isolate::per_case || !reset()) close();
  }
  if (session_) return std::nullopt;
  auto failure = start(on_heartbeat);
  if (failure) close();
  return failure;
}

std::variant<CaseReply, run::Outcome> Launcher::run_case(
    const CaseRequest& request, const Session::HeartbeatSink& on_heartbeat) {
  was_used_ = true;
  const Limits limits{.stall_s = scenario_.measure.stall_timeout_s,
                      .total_s = scenario_.measure.case_timeout_s};
  auto result = session_->ask<CaseReply>(request, limits, on_heartbeat);
  const auto* reply = std::get_if<CaseReply>(&result);
  if (reply != nullptr && reply->engine_is_broken) close();
  return result;
}

void Launcher::close() {
  if (session_ && !session_->is_over()) session_->quit(scenario_.measure.stall_timeout_s);
  session_.reset();
}

bool Launcher::reset() {
  const Limits limits{.stall_s = scenario_.measure.stall_timeout_s, .total_s = {}};
  const auto result = session_->ask<DoneReply>(ResetRequest{}, limits);
  const auto* outcome = std::get_if<run::Outcome>(&result);
  if (outcome == nullptr) {
    was_used_ = false;
    return true;
  }
  log_.write(Severity::warning,
             "the engine could not be reset and is loaded again: " + outcome->reason);
  return false;
}

std::optional<run::Outcome> Launcher::start(const Session::HeartbeatSink& on_heartbeat) {
  is_failure_lasting_ = true;
  if (has_stray_thread()) {
    return run::Outcome{run::Status::skipped,
                        "an engine that hangs in this process cannot be replaced"};
  }
  try {
    session_.emplace(SessionOptions{.environment = scenario_.engine.environment,
                                    .in_process = in_process_,
                                    .cpus = scenario_.engine.cpus},
                     log_);
  } catch (const Error& e) {
    return run::Outcome{run::Status::load_failed, e.what()};
  }
  on_worker_(session_->worker_pid());
  was_used_ = false;
  auto failure = describe_and_load(on_heartbeat);
  if (failure && session_->is_over()) {  // lost, not refused: it may go better the next time
    is_failure_lasting_ = last_loss_ == failure->status;
    last_loss_ = failure->status;
    if (failure->status != run::Status::interrupted) {
      failure->reason = "while loading: " + failure->reason;
    }
  } else if (!failure) {
    last_loss_.reset();
    is_failure_lasting_ = false;
  }
  return failure;
}

std::optional<run::Outcome> Launcher::describe_and_load(
    const Session::HeartbeatSink& on_heartbeat) {
  // Touches no device, so it needs no longer than a load may stand still.
  Limits describe_limits = kDescribeLimits;
  describe_limits.stall_s =
      std::min(describe_limits.stall_s, scenario_.measure.load_stall_timeout_s);
  auto described = session_->ask<DescribeReply>(DescribeRequest{scenario_.engine.plugin, options_},
                                                describe_limits);
  if (auto* outcome = std::get_if<run::Outcome>(&described)) return std::move(*outcome);
  description_ = std::move(std::get<DescribeReply>(described));
  const Limits limits{.stall_s = scenario_.measure.load_stall_timeout_s, .total_s = {}};
  auto loaded = session_->ask<LoadReply>(
      LoadRequest{scenario_.engine.plugin, options_, scenario_.engine.is_checked}, limits,
      on_heartbeat);
  if (auto* outcome = std::get_if<run::Outcome>(&loaded)) return std::move(*outcome);
  load_ = std::move(std::get<LoadReply>(loaded));
  return std::nullopt;
}

}  // namespace lmbench::process
