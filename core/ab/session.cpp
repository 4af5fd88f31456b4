// SPDX-License-Identifier: Apache-2.0
#include "ab/session.hpp"

#include <algorithm>
#include <ctime>
#include <memory>

#include "ab/analysis.hpp"
#include "ab/arm_launch.hpp"
#include "ab/arms.hpp"
#include "ab/pilot.hpp"
#include "ab/session_files.hpp"
#include "ab/session_plan.hpp"
#include "clock.hpp"
#include "process/folder_lock.hpp"
#include "process/interrupt.hpp"
#include "report/console.hpp"
#include "report/number_text.hpp"
#include "stats/ab_order.hpp"

namespace lmbench::ab {
namespace {

using scenario::AbMode;

class AbSession {
 public:
  AbSession(const AbOrder& order, const std::vector<Arm>& arms, SessionFiles& files,
            process::RunTelemetry& telemetry, process::RunLog& log)
      : scenario_(order.scenario),
        is_aa_allowed_(order.is_aa_allowed),
        arms_(arms),
        analysis_(analysis_order(order.scenario, arms)),
        plan_(analysis_.plan),
        files_(files),
        log_(log),
        is_resident_(order.scenario.ab.mode == AbMode::resident) {
    for (const Arm& arm : arms_) {
      runners_.push_back(std::make_unique<ArmRunner>(arm, order.in_process, telemetry, log));
    }
  }

  // Throws Error when an engine cannot be used, or two arms are the same.
  void pilot();
  // False when it was interrupted.
  bool run_rounds();
  report::Comparison comparison();
  ExitCode exit_code(const report::Comparison& comparison) const;
 private:
  using RowsByCase = std::vector<std::vector<report::CaseResultRow>>;
  std::optional<RowsByCase> pilot_all();
  bool pilot_of(std::uint32_t arm, RowsByCase& rows);
  void load_in_turns();
  void refuse_equal_builds() const;
  bool run_round(std::uint32_t round, const stats::ArmOrder& order);
  void keep(std::uint32_t arm, std::uint32_t round, std::uint32_t place, LaunchedCase launched);
  bool is_narrow() const;
  void warn(const std::string& sentence);
  void warn_of_busy_workers();
  std::uint32_t places() const { return static_cast<std::uint32_t>(arms_.size()); }

  const scenario::Scenario& scenario_;
  const bool is_aa_allowed_;
  const std::vector<Arm>& arms_;
  AnalysisOrder analysis_;
  const std::vector<scenario::Case> plan_;
  SessionFiles& files_;
  process::RunLog& log_;
  bool is_resident_;
  std::vector<std::unique_ptr<ArmRunner>> runners_;
  std::vector<std::vector<process::MappedObject>> objects_;  // by arm, of its pilot
  std::vector<scenario::Measure> measures_;                  // by case
  std::vector<LaunchFigures> launches_;
  std::vector<std::string> warnings_;
  std::uint64_t begun_ns_ = 0;
};

// ---- pilots -------------------------------------------------------------------------------------

// False when there is no memory for this engine beside those that stay.
bool AbSession::pilot_of(std::uint32_t arm, RowsByCase& rows) {
  files_.say("pilot of " + arms_[arm].name);
  ArmRunner& runner = *runners_[arm];
  const ArmRunner::Order order{
      .cases = plan_,
      .measures = std::vector(plan_.size(), pilot_measure(scenario_.measure)),
      .prompts_seed = scenario_.prompts.seed,
      .folder = files_.launch_folder("pilot-" + arms_[arm].name),
      .keeps_tokens = false,
      .stays = is_resident_};
  bool has_room = true;
  runner.launch(order, {}, [&](LaunchedCase launched) {
    const run::Outcome& outcome = launched.row.outcome;
    if (outcome.status == run::Status::interrupted || !has_room) return;
    if (outcome.status == run::Status::oom && is_resident_ && arm != kBase) {
      has_room = false;
      return;
    }
    if (!run::has_numbers(outcome.status)) {
      throw Error("the pilot of '" + arms_[arm].name + "' failed in case " + launched.row.case_id +
                      ": " + report::outcome_text(outcome),
                  ExitCode::engine_unusable);
    }
    const auto c = std::find_if(plan_.begin(), plan_.end(), [&](const auto& planned) {
      return planned.case_id == launched.row.case_id;
    });
    rows[c->index].push_back(std::move(launched.row));
  });
  objects_.push_back(runner.launcher().load() ? runner.launcher().load()->objects
                                              : std::vector<process::MappedObject>());
  return has_room;
}

// The rows of every arm; none when memory cannot hold all engines at once.
std::optional<AbSession::RowsByCase> AbSession::pilot_all() {
  RowsByCase rows(plan_.size());
  objects_.clear();
  for (std::uint32_t arm = 0; arm < places() && !process::is_interrupted(); ++arm) {
    if (!pilot_of(arm, rows)) return std::nullopt;
  }
  return rows;
}

void AbSession::load_in_turns() {
  for (const auto& runner : runners_) runner->close();
  is_resident_ = false;
  warn(
      "memory cannot hold all engines at once, so their workers do not stay alive: each launch "
      "loads its engine and ends it, as without --resident");
}

void AbSession::pilot() {
  std::optional<RowsByCase> rows = pilot_all();
  if (!rows) {
    load_in_turns();
    rows = pilot_all();
  }
  if (process::is_interrupted()) return;
  for (std::uint32_t arm = 0; arm < places(); ++arm) {
    files_.add_arm(arms_[arm], runners_[arm]->launcher());
  }
  refuse_equal_builds();
  for (const auto& of_case : *rows) {
    measures_.push_back(session_measure(scenario_.measure, of_case));
  }
}

void AbSession::refuse_equal_builds() const {
  if (!is_same_build(objects_[kBase], objects_[kCopy])) {
    throw Error(
        "the copy of the base maps other libraries than the base; give the base by the "
        "path of the file, in the folder of its libraries");
  }
  for (std::size_t i = kFirstCandidate; i < arms_.size() && !is_aa_allowed_; ++i) {
    const scenario::Engine& base = arms_[kBase].scenario.engine;
    const scenario::Engine& candidate = arms_[i].scenario.engine;
    const bool is_same_setting = base.options == candidate.options &&
                                 base.environment == candidate.environment &&
                                 base.cpus == candidate.cpus;
    if (!is_same_setting || !is_same_build(objects_[kBase], objects_[i])) continue;
    throw Error("'" + arms_[i].name + "' is the same build as '" + arms_[kBase].name +
                "', with the same options: there is nothing to compare; --aa measures the noise");
  }
}

// ---- rounds -------------------------------------------------------------------------------------

bool AbSession::run_rounds() {
  if (process::is_interrupted()) return false;
  begun_ns_ = monotonic_now_ns();
  const std::uint32_t block = stats::block_rounds(places());
  const auto whole_blocks = [block](std::uint32_t rounds) {
    return (rounds + block - 1) / block * block;
  };
  constexpr std::uint32_t kLeastOfAuto = 12;
  const bool is_auto = !scenario_.ab.rounds;
  analysis_.most_rounds = whole_blocks(is_auto ? scenario_.ab.max_rounds : *scenario_.ab.rounds);
  const auto orders = stats::ab_orders(places(), analysis_.most_rounds, *scenario_.ab.seed);
  for (std::uint32_t round = 0; round < orders.size(); ++round) {
    if (!run_round(round, orders[round])) return false;
    analysis_.rounds = round + 1;
    const bool is_block_done = analysis_.rounds % block == 0;
    if (is_auto && is_block_done && analysis_.rounds >= kLeastOfAuto && is_narrow()) break;
  }
  const double session_s = static_cast<double>(monotonic_now_ns() - begun_ns_) * 1e-9;
  analysis_.round_s = session_s / analysis_.rounds;
  return true;
}

bool AbSession::run_round(std::uint32_t round, const stats::ArmOrder& order) {
  const std::uint64_t seed = seed_of_round(scenario_.prompts.seed, round);
  const std::uint64_t begin_ns = monotonic_now_ns();
  std::string names;
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    const std::uint32_t arm = order[place];
    names += (place == 0 ? "" : ", ") + arms_[arm].name;
    const ArmRunner::Order launch{
        .cases = shuffled(plan_, seed),
        .measures = measures_,
        .prompts_seed = seed,
        .folder = files_.launch_folder("round-" + std::to_string(round) + "-" + arms_[arm].name),
        .keeps_tokens = analysis_.same_output != SameOutput::off,
        .stays = is_resident_};
    const std::string where = "round " + std::to_string(round + 1) + " of " +
                              std::to_string(analysis_.most_rounds) + ", " + arms_[arm].name;
    runners_[arm]->launch(
        launch, [&](const process::Heartbeat&) { files_.show(where); },
        [&](LaunchedCase launched) { keep(arm, round, place, std::move(launched)); });
    if (process::is_interrupted()) return false;
  }
  files_.say("round " + std::to_string(round + 1) + " of " + std::to_string(analysis_.most_rounds) +
             ": " + names + ", " +
             report::duration_text(static_cast<double>(monotonic_now_ns() - begin_ns) * 1e-9));
  return true;
}

void AbSession::keep(std::uint32_t arm, std::uint32_t round, std::uint32_t place,
                     LaunchedCase launched) {
  const process::Launcher& launcher = runners_[arm]->launcher();
  report::CaseResultRow& row = launched.row;
  row.ab_round = round;
  row.ab_place = place;
  const auto c = std::find_if(plan_.begin(), plan_.end(),
                              [&](const auto& planned) { return planned.case_id == row.case_id; });
  row.config_hash = files_.config_hash(arms_[arm], *c, launcher);
  if (launcher.load() && !launcher.load()->objects.empty()) {
    row.engine_build_id = launcher.load()->objects.front().build_id;
    // Were another build's library found in the place of its own, nothing else would tell.
    if (!is_same_build(launcher.load()->objects, objects_[arm]) &&
        run::has_numbers(row.outcome.status)) {
      row.outcome = {run::Status::invalid, "identity_changed"};
      if (launched.figures) launched.figures->invalid_reason = row.outcome.reason;
    }
  }
  files_.add_row(row);
  if (!launched.figures) return;
  launched.figures->round = round;
  launched.figures->arm = arm;
  launched.figures->place = place;
  launched.figures->case_index = c->index;
  launches_.push_back(std::move(*launched.figures));
}

// By width alone: what the figures say must not decide when to stop.
bool AbSession::is_narrow() const {
  for (const report::CandidateComparison& candidate : analyse(launches_, analysis_)) {
    for (const report::CaseComparison& c : candidate.cases) {
      for (const report::MetricComparison& gate : c.gates) {
        if (!gate.effect) return false;
        if (gate.effect->half_width > analysis_.thresholds.wanted_half_width()) return false;
      }
    }
  }
  return true;
}

// ---- the end ------------------------------------------------------------------------------------

void AbSession::warn(const std::string& sentence) {
  warnings_.push_back(sentence);
  log_.write(process::Severity::warning, sentence);
}

void AbSession::warn_of_busy_workers() {
  constexpr double kMostIdleShare = 0.02;
  for (const auto& runner : runners_) {
    const std::optional<double> share = runner->idle_share();
    if (!share || *share <= kMostIdleShare) continue;
    warn("the worker of '" + runner->arm().name + "' used " + report::fixed_text(100 * *share, 1) +
         " % of a core while it waited for its turn (allowed: 2 %), beside what was measured");
  }
}

report::Comparison AbSession::comparison() {
  warn_of_busy_workers();
  const auto build_id = [this](std::size_t arm) {
    return objects_[arm].empty() ? std::string() : objects_[arm].front().build_id;
  };
  report::Comparison result;
  result.scenario = scenario_.name;
  result.base_name = arms_[kBase].name;
  result.base_plugin = arms_[kBase].scenario.engine.plugin;
  result.base_build_id = build_id(kBase);
  result.rounds = analysis_.rounds;
  result.seed = *scenario_.ab.seed;
  result.mode = is_resident_ ? "resident" : "fresh";
  result.warnings = warnings_;
  result.is_same_build = is_aa_allowed_;
  result.thresholds = analysis_.thresholds;
  result.candidates = analyse(launches_, analysis_);
  for (std::size_t i = 0; i < result.candidates.size(); ++i) {
    result.candidates[i].plugin = arms_[kFirstCandidate + i].scenario.engine.plugin;
    result.candidates[i].build_id = build_id(kFirstCandidate + i);
  }
  return result;
}

ExitCode AbSession::exit_code(const report::Comparison& comparison) const {
  using stats::Verdict;
  if (is_resident_) return ExitCode::unclear_comparison;
  bool is_clear = true;
  for (const report::CandidateComparison& candidate : comparison.candidates) {
    for (const report::CaseComparison& c : candidate.cases) {
      for (const report::MetricComparison& gate : c.gates) {
        const Verdict verdict = gate.verdict->verdict;
        if (verdict == Verdict::slower) return ExitCode::benchmark_says_no;
        is_clear = is_clear && verdict != Verdict::unclear && verdict != Verdict::invalid;
      }
    }
  }
  return is_clear ? ExitCode::ok : ExitCode::unclear_comparison;
}

}  // namespace

ExitCode run_ab(const AbOrder& given) {
  const process::InterruptGuard interrupts;
  AbOrder order = given;
  order.scenario = session_scenario(std::move(order.scenario));
  const PluginCopy copy(order.scenario.variants.front().plugin);
  const std::vector<Arm> arms = arms_of(order.scenario, copy.path().string());
  const process::ResultsFolder folder =
      process::make_results_folder(order.out, order.scenario.name, std::time(nullptr));
  const process::FolderLock lock(folder, process::FolderLock::For::new_run);
  process::RunLog log(folder.log());
  process::RunOrder described;  // for the manifest
  described.scenario = order.scenario;
  described.command_line = order.command_line;
  SessionFiles files(described, folder);
  process::RunTelemetry telemetry(order.scenario, folder, log);
  AbSession session(order, arms, files, telemetry, log);
  session.pilot();
  if (!session.run_rounds()) {
    files.stop();
    throw Error("interrupted: a session that was not run to its end has no verdict",
                ExitCode::benchmark_says_no);
  }
  const report::Comparison comparison = session.comparison();
  files.finish(comparison);
  return session.exit_code(comparison);
}

}  // namespace lmbench::ab
