// SPDX-License-Identifier: Apache-2.0
#include "ab/session.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>
#include <numeric>
#include <random>

#include "ab/analysis.hpp"
#include "ab/arm_launch.hpp"
#include "ab/arms.hpp"
#include "ab/pilot.hpp"
#include "ab/session_files.hpp"
#include "clock.hpp"
#include "plugin/plugin_search.hpp"
#include "process/folder_lock.hpp"
#include "process/interrupt.hpp"
#include "report/console.hpp"
#include "report/number_text.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario_writer.hpp"
#include "split_mix_64.hpp"
#include "stats/ab_order.hpp"

namespace lmbench::ab {
namespace {

using scenario::AbMode;

std::string plugin_path(const std::string& name_or_path) {
  return plugin::find_plugin(name_or_path,
                             plugin::plugin_folders(std::filesystem::canonical("/proc/self/exe")))
      .string();
}

// Everything that is drawn or looked up is in the scenario of the manifest.
scenario::Scenario resolved(scenario::Scenario scenario) {
  require_two_variants(scenario);
  for (scenario::Variant& variant : scenario.variants) {
    variant.plugin = plugin_path(variant.plugin.empty() ? scenario.engine.plugin : variant.plugin);
  }
  // Of resident workers the one that waits is on the device too.
  if (scenario.ab.mode == AbMode::resident) scenario.telemetry.allows_foreign = true;
  if (!scenario.ab.seed) scenario.ab.seed = std::random_device()() & 0x7fff'ffffU;
  scenario.resolved_toml = scenario::toml_text(scenario);
  return scenario;
}

// The same for all arms of a round, and new ones in the next.
std::uint64_t seed_of_round(std::uint64_t seed, std::uint32_t round) {
  return SplitMix64::mix(SplitMix64::mix(seed) ^ (round + 1)) >> 1U;
}

// The cases in an order that all arms of a round share, so that none always follows the same one.
std::vector<scenario::Case> shuffled(std::vector<scenario::Case> cases, std::uint64_t seed) {
  SplitMix64 random(seed);
  for (std::size_t i = cases.size(); i > 1; --i) std::swap(cases[i - 1], cases[random.below(i)]);
  return cases;
}

SameOutput same_output(const scenario::Scenario& scenario) {
  const bool is_greedy = scenario.sampling.top_k == 1 || scenario.sampling.temperature == 0;
  if (!is_greedy) return SameOutput::off;  // sampled tokens may differ by a rounding
  switch (scenario.ab.same_output) {
    case scenario::SameOutput::require:
      return SameOutput::require;
    case scenario::SameOutput::off:
      return SameOutput::off;
    case scenario::SameOutput::flag:
      break;
  }
  return SameOutput::flag;
}

class AbSession {
 public:
  AbSession(const AbOrder& order, const std::vector<Arm>& arms, SessionFiles& files,
            process::RunTelemetry& telemetry, process::RunLog& log)
      : scenario_(order.scenario),
        is_aa_allowed_(order.is_aa_allowed),
        arms_(arms),
        plan_(scenario::make_plan(order.scenario)),
        files_(files) {
    for (const Arm& arm : arms_) {
      runners_.push_back(std::make_unique<ArmRunner>(arm, order.in_process, telemetry, log));
    }
    analysis_ = {.plan = plan_,
                 .candidates = {},
                 .gates = {},
                 .thresholds = {.min_effect = std::log1p(scenario_.ab.min_effect_percent / 100),
                                .detect = std::log1p(scenario_.ab.detect_percent / 100)},
                 .same_output = same_output(scenario_)};
    for (std::size_t i = kFirstCandidate; i < arms_.size(); ++i) {
      analysis_.candidates.push_back(arms_[i].name);
    }
    for (const std::string& gate : scenario_.ab.gate) {
      analysis_.gates.push_back(gate_metric(gate).value());
    }
  }

  // Throws Error when an engine cannot be used, or two arms are the same.
  void pilot();
  // False when it was interrupted.
  bool run_rounds();
  report::Comparison comparison() const;
  ExitCode exit_code(const report::Comparison& comparison) const;
 private:
  void pilot_of(std::uint32_t arm, std::vector<std::vector<report::CaseResultRow>>& rows);
  void refuse_equal_builds() const;
  bool run_round(std::uint32_t round, const stats::ArmOrder& order);
  void keep(std::uint32_t arm, std::uint32_t round, std::uint32_t place, LaunchedCase launched);
  bool is_narrow() const;
  std::uint32_t places() const { return static_cast<std::uint32_t>(arms_.size()); }

  const scenario::Scenario& scenario_;
  const bool is_aa_allowed_;
  const std::vector<Arm>& arms_;
  const std::vector<scenario::Case> plan_;
  SessionFiles& files_;
  std::vector<std::unique_ptr<ArmRunner>> runners_;
  std::vector<std::vector<process::MappedObject>> objects_;  // by arm, of its pilot
  std::vector<scenario::Measure> measures_;                  // by case
  std::vector<LaunchFigures> launches_;
  AnalysisOrder analysis_;
  std::uint64_t begun_ns_ = 0;
};

// ---- pilots -------------------------------------------------------------------------------------

void AbSession::pilot_of(std::uint32_t arm, std::vector<std::vector<report::CaseResultRow>>& rows) {
  files_.say("pilot of " + arms_[arm].name);
  ArmRunner& runner = *runners_[arm];
  ArmRunner::Order order{.cases = plan_,
                         .measures = std::vector(plan_.size(), pilot_measure(scenario_.measure)),
                         .prompts_seed = scenario_.prompts.seed,
                         .folder = files_.launch_folder("pilot-" + arms_[arm].name),
                         .keeps_tokens = false,
                         .stays = scenario_.ab.mode == AbMode::resident};
  runner.launch(order, {}, [&](LaunchedCase launched) {
    if (launched.row.outcome.status == run::Status::interrupted) return;
    if (!run::has_numbers(launched.row.outcome.status)) {
      throw Error("the pilot of '" + arms_[arm].name + "' failed in case " + launched.row.case_id +
                      ": " + report::outcome_text(launched.row.outcome),
                  ExitCode::engine_unusable);
    }
    rows.resize(plan_.size());
    const auto index = static_cast<std::size_t>(
        std::find_if(plan_.begin(), plan_.end(),
                     [&](const auto& c) { return c.case_id == launched.row.case_id; }) -
        plan_.begin());
    rows[index].push_back(std::move(launched.row));
  });
  files_.add_arm(arms_[arm], runner.launcher());
  objects_.push_back(runner.launcher().load() ? runner.launcher().load()->objects
                                              : std::vector<process::MappedObject>());
}

void AbSession::pilot() {
  std::vector<std::vector<report::CaseResultRow>> rows(plan_.size());
  for (std::uint32_t arm = 0; arm < places() && !process::is_interrupted(); ++arm) {
    pilot_of(arm, rows);
  }
  if (process::is_interrupted()) return;
  refuse_equal_builds();
  for (const auto& of_case : rows) {
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
        .stays = scenario_.ab.mode == AbMode::resident};
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

report::Comparison AbSession::comparison() const {
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
  result.mode = scenario_.ab.mode == AbMode::resident ? "resident" : "fresh";
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
  if (scenario_.ab.mode == AbMode::resident) return ExitCode::unclear_comparison;
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
  order.scenario = resolved(std::move(order.scenario));
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
