// SPDX-License-Identifier: Apache-2.0
#include "ab/arm_launch.hpp"

#include "clock.hpp"
#include "process/case_row.hpp"
#include "process/plan_hints.hpp"
#include "report/event_files.hpp"

namespace lmbench::ab {
namespace {

using run::Status;

// The raw events of a case, as its files have them.
stats::CaseRecord record_of(const process::ResultsFolder& folder,
                            const report::CaseResultRow& row) {
  stats::CaseRecord record;
  record.concurrency = row.concurrency;
  record.prompt_tokens = row.prompt_tokens;
  record.completion_tokens = row.completion_tokens;
  record.is_barrier = row.round_mode == "barrier";
  record.requests = report::read_requests(folder.requests(row.case_id));
  record.events = report::read_events(folder.events(row.case_id));
  return record;
}

// Each request of a case with figures has all its tokens.
Tokens tokens_in(const process::ResultsFolder& folder, const report::CaseResultRow& row) {
  const std::vector<std::int32_t> ids = report::read_token_ids(folder.tokens(row.case_id));
  Tokens tokens;
  for (std::size_t at = 0; at + row.completion_tokens <= ids.size(); at += row.completion_tokens) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
    tokens.emplace_back(begin, begin + row.completion_tokens);
  }
  return tokens;
}

std::optional<LaunchFigures> figures_in(const process::ResultsFolder& folder,
                                        const report::CaseResultRow& row, bool keeps_tokens) {
  if (!run::has_numbers(row.outcome.status)) return std::nullopt;
  LaunchFigures figures = figures_of(stats::launch_summary(record_of(folder, row)), row.load_s);
  if (row.outcome.status == Status::invalid) figures.invalid_reason = row.outcome.reason;
  if (row.telemetry) figures.clock_mhz = row.telemetry->sm_clock_mhz;
  if (keeps_tokens) figures.tokens = tokens_in(folder, row);
  return figures;
}

}  // namespace

ArmRunner::ArmRunner(const Arm& arm, bool in_process, process::RunTelemetry& telemetry,
                     process::RunLog& log)
    : arm_(arm),
      telemetry_(telemetry),
      launcher_(arm.scenario, process::plan_options(arm.scenario), in_process, log,
                [this](int pid) {
                  worker_pid_ = static_cast<std::uint32_t>(pid);
                  telemetry_.worker_is(pid);
                }) {}

void ArmRunner::launch(const Order& order, const process::Session::HeartbeatSink& on_heartbeat,
                       const std::function<void(LaunchedCase)>& on_case) {
  idle_watch_.ends_waiting(monotonic_now_ns());
  for (const scenario::Case& c : order.cases) on_case(run_case(order, c, on_heartbeat));
  if (order.stays) {
    idle_watch_.begins_to_wait(worker_pid_, monotonic_now_ns());
  } else {
    launcher_.close();
  }
}

void ArmRunner::close() {
  idle_watch_.ends_waiting(monotonic_now_ns());
  launcher_.close();
}

LaunchedCase ArmRunner::run_case(const Order& order, const scenario::Case& c,
                                 const process::Session::HeartbeatSink& on_heartbeat) {
  scenario::Scenario scenario = arm_.scenario;
  scenario.measure = order.measures.at(c.index);
  scenario.prompts.seed = order.prompts_seed;
  process::CaseResult result;
  if (auto failure = launcher_.make_ready(on_heartbeat)) {
    result.outcome = std::move(*failure);
  } else {
    result.outcome = process::attempt_case(launcher_, scenario, c, order.folder, order.keeps_tokens,
                                           on_heartbeat, result);
  }
  result.description = launcher_.description();
  result.load = launcher_.load();
  result.telemetry = telemetry_.take();
  LaunchedCase launched;
  launched.row = process::case_row(scenario, c, result, order.folder, std::nullopt);
  launched.row.variant = arm_.name;
  launched.figures = figures_in(order.folder, launched.row, order.keeps_tokens);
  return launched;
}

}  // namespace lmbench::ab
