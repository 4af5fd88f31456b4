// SPDX-License-Identifier: Apache-2.0
#include "process/coordinator.hpp"

#include <ctime>

#include "process/case_attempt.hpp"
#include "process/continuation.hpp"
#include "process/folder_lock.hpp"
#include "process/harness_cost.hpp"
#include "process/interrupt.hpp"
#include "process/launcher.hpp"
#include "process/plan_hints.hpp"
#include "process/result_recorder.hpp"
#include "process/results_folder.hpp"
#include "process/resume.hpp"
#include "process/run_telemetry.hpp"
#include "scenario/plan.hpp"

namespace lmbench::process {
namespace {

using run::Outcome;
using run::Status;

class PlanRun {
 public:
  // early_failure: of a load that was tried before the first case.
  PlanRun(const scenario::Scenario& scenario, RunTelemetry& telemetry, Launcher& launcher,
          ResultRecorder& recorder, std::optional<Outcome> early_failure)
      : scenario_(scenario),
        telemetry_(telemetry),
        launcher_(launcher),
        recorder_(recorder),
        early_failure_(std::move(early_failure)) {}

  void run(const scenario::Case& c) {
    CaseResult result;
    result.outcome = attempt(c, result);
    result.description = launcher_.description();
    result.load = launcher_.load();
    result.telemetry = telemetry_.take();
    result.devices = telemetry_.devices();
    recorder_.end(c, result);
  }

  bool has_measured() const noexcept { return has_measured_; }
  bool has_engine_failed() const noexcept { return has_engine_failed_; }
 private:
  Outcome attempt(const scenario::Case& c, CaseResult& result) {
    if (is_interrupted()) return {Status::interrupted, "not_started"};
    if (!lasting_failure_of_.empty()) {
      return {Status::skipped, "the same failure as in " + lasting_failure_of_};
    }
    recorder_.begin(c);
    const auto on_heartbeat = [&](const Heartbeat& h) { recorder_.show_progress(c, h); };
    if (auto failure = make_ready(on_heartbeat)) {
      has_engine_failed_ = failure->status != Status::interrupted;
      if (has_engine_failed_ && launcher_.is_failure_lasting()) lasting_failure_of_ = c.case_id;
      return *failure;
    }
    has_measured_ = true;
    return attempt_case(launcher_, scenario_, c, recorder_.folder(), false, on_heartbeat, result);
  }

  std::optional<Outcome> make_ready(const Session::HeartbeatSink& on_heartbeat) {
    if (early_failure_) return std::exchange(early_failure_, std::nullopt);
    return launcher_.make_ready(on_heartbeat);
  }

  const scenario::Scenario& scenario_;
  RunTelemetry& telemetry_;
  Launcher& launcher_;
  ResultRecorder& recorder_;
  std::optional<Outcome> early_failure_;
  std::string lasting_failure_of_;  // the case whose failure all later ones share
  bool has_measured_ = false;
  bool has_engine_failed_ = false;
};

ResultsFolder folder_for(const RunOrder& order) {
  if (order.resume) return existing_results_folder(*order.resume);
  return make_results_folder(order.out, order.scenario.name, std::time(nullptr));
}

ExitCode run_in_folder(const RunOrder& order, const std::vector<scenario::Case>& plan,
                       const ResultsFolder& folder) {
  const std::optional<EarlierRun> earlier =
      order.resume ? read_earlier_run(folder, order.scenario) : std::nullopt;
  RunLog log(folder.log());
  const std::optional<FloorReply> floor = harness_cost(log);
  RunTelemetry telemetry(order.scenario, folder, log);  // before the first load
  Launcher launcher(order.scenario, plan_options(order.scenario), order.in_process, log,
                    [&telemetry](int pid) { telemetry.worker_is(pid); });
  Continuation continuation;
  if (earlier) continuation = continue_run(order, plan, folder, *earlier, launcher, log);
  ResultRecorder recorder(order, plan, folder, floor, log, earlier ? &*earlier : nullptr);
  PlanRun run(order.scenario, telemetry, launcher, recorder, continuation.load_failure);
  for (const scenario::Case& c : plan) {
    const auto kept = continuation.kept.find(c.case_id);
    if (kept != continuation.kept.end()) {
      recorder.keep(kept->second);
    } else {
      run.run(c);
    }
  }
  launcher.close();
  recorder.finish();
  if (!run.has_measured() && run.has_engine_failed() && !is_interrupted()) {
    return ExitCode::engine_unusable;
  }
  return recorder.are_all_ok() ? ExitCode::ok : ExitCode::benchmark_says_no;
}

}  // namespace

ExitCode run_plan(const RunOrder& order) {
  const InterruptGuard interrupts;
  const std::vector<scenario::Case> plan = scenario::make_plan(order.scenario);
  const ResultsFolder folder = folder_for(order);
  const FolderLock lock(folder, order.resume ? FolderLock::For::resume : FolderLock::For::new_run);
  try {
    return run_in_folder(order, plan, folder);
  } catch (const Error& e) {
    if (e.exit_code() != ExitCode::benchmark_says_no) throw;  // a full disk, in the middle of it
    throw Error(std::string(e.what()) + "; the rows that are there stay, and --resume '" +
                    folder.root.string() + "' goes on when that is mended",
                e.exit_code());
  }
}

}  // namespace lmbench::process
