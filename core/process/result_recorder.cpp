// SPDX-License-Identifier: Apache-2.0
#include "process/result_recorder.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "process/case_row.hpp"
#include "process/clock_check.hpp"
#include "process/config_hash.hpp"
#include "process/harness_cost.hpp"
#include "process/identity_changes.hpp"
#include "process/identity_guard.hpp"
#include "process/journal.hpp"
#include "process/resume.hpp"
#include "process/run_manifest.hpp"
#include "process/worker_link.hpp"
#include "report/console.hpp"
#include "report/legacy_csv.hpp"
#include "report/manifest.hpp"
#include "report/number_text.hpp"
#include "report/progress.hpp"
#include "report/results_csv.hpp"
#include "stats/warmup_rule.hpp"

namespace lmbench::process {
namespace {

using report::CaseResultRow;
using run::Status;

double seconds_between(std::uint64_t begin_ns, std::uint64_t end_ns) {
  return static_cast<double>(end_ns - begin_ns) / 1e9;
}

report::CaseFacts facts_of(const CaseResultRow& row) {
  return {row.case_id, row.config_hash, std::string(run::name_of(row.outcome.status)),
          row.prompts_sha256, row.engine_stats};
}

report::RoundsWanted wanted_rounds(const std::optional<std::uint32_t>& given,
                                   const report::RoundsWanted& limits) {
  return given ? report::RoundsWanted{.least = *given, .most = *given} : limits;
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);  // main looks whether all of it arrived
}

}  // namespace

std::size_t progress_width() {
  constexpr std::size_t kUsualWidth = 80;
  if (::isatty(STDERR_FILENO) == 0) return 0;
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

struct ResultRecorder::State {
  State(const RunOrder& run_order, const std::vector<scenario::Case>& cases,
        const ResultsFolder& results, const std::optional<FloorReply>& harness, RunLog& run_log,
        const EarlierRun* earlier_run)
      : order(run_order),
        plan(cases),
        folder(results),
        floor(harness),
        log(run_log),
        journal(folder.journal()),
        results_csv(folder.results_csv()),
        manifest(initial_manifest(order, floor, std::time(nullptr))),
        progress(stderr, progress_width()) {
    if (earlier_run != nullptr) continue_manifest(earlier_run->manifest, manifest);
    if (order.repeats) warn_of(changes_around(*order.repeats, manifest));
    if (floor) progress.say(harness_sentence(*floor));
    if (const auto& csv = order.scenario.output.csv) legacy_csv.emplace(*csv);
    report::write_manifest(folder.manifest(), manifest);
  }

  std::string hash_of(const scenario::Case& c) const;
  void note_engine(const CaseResult& result);
  void warn_of(const std::vector<std::string>& changes) const;
  void judge(CaseResultRow& row) const;
  report::ProgressState progress_state(const scenario::Case& c) const;
  std::string place_of(const scenario::Case& c) const;

  const RunOrder& order;
  const std::vector<scenario::Case>& plan;
  const ResultsFolder folder;
  const std::optional<FloorReply> floor;
  RunLog& log;
  Journal journal;
  report::ResultsCsv results_csv;
  std::optional<report::LegacyCsv> legacy_csv;
  report::Manifest manifest;
  report::ProgressLine progress;

  std::vector<CaseResultRow> rows;
  IdentityGuard identity;

  // Of the running case.
  std::uint64_t begun_ns = 0;  // 0: it did not begin
  std::uint64_t first_token_ns = 0;
  std::uint64_t first_tokens = 0;
  double ended_cases_s = 0;
  std::uint32_t ended_cases = 0;
};

// Without the engine's files as long as none was loaded.
std::string ResultRecorder::State::hash_of(const scenario::Case& c) const {
  if (!manifest.engine || manifest.engine->objects.empty()) return {};
  return config_hash(order.scenario, c, manifest.engine->objects, manifest.model_files);
}

void ResultRecorder::State::note_engine(const CaseResult& result) {
  manifest.devices = result.devices;
  if (!result.description) return;
  manifest.engine = engine_facts(*result.description, result.load);
  manifest.clock = named_clock(result.description->clock);
  if (!result.load) return;
  identity.see(result.description->path, result.load->objects);
  if (order.repeats) warn_of(changes_of_engine(*order.repeats, manifest));
}

// The log shows each sentence once.
void ResultRecorder::State::warn_of(const std::vector<std::string>& changes) const {
  for (const std::string& change : changes) log.write(Severity::warning, change);
}

// What the run as a whole says about the row.
void ResultRecorder::State::judge(CaseResultRow& row) const {
  if (row.outcome.status == Status::ok && identity.has_changed()) {
    row.outcome = {Status::invalid, std::string(kIdentityChanged)};
  }
  if (row.outcome.status == Status::ok && order.scenario.measure.strict && !row.flags.empty()) {
    row.outcome = {Status::invalid, "strict: " + row.flags.front()};
  }
}

report::ProgressState ResultRecorder::State::progress_state(const scenario::Case& c) const {
  report::ProgressState state;
  state.case_number = c.index + 1;
  state.case_count = plan.size();
  state.case_id = c.case_id;
  const scenario::Measure& measure = order.scenario.measure;
  const std::uint32_t most_warmup = measure.warmup_limits.max_rounds;
  state.warmup_wanted = wanted_rounds(
      measure.warmup_rounds,
      {.least = std::min(stats::kComparedRounds + 1, most_warmup), .most = most_warmup});
  state.test_wanted = wanted_rounds(measure.test_rounds, {.least = measure.test_limits.min_rounds,
                                                          .most = measure.test_limits.max_rounds});
  if (ended_cases > 0) state.mean_case_s = ended_cases_s / ended_cases;
  return state;
}

std::string ResultRecorder::State::place_of(const scenario::Case& c) const {
  return "[" + std::to_string(c.index + 1) + "/" + std::to_string(plan.size()) + "] " + c.case_id;
}

ResultRecorder::ResultRecorder(const RunOrder& order, const std::vector<scenario::Case>& plan,
                               const ResultsFolder& folder, const std::optional<FloorReply>& floor,
                               RunLog& log, const EarlierRun* earlier)
    : state_(std::make_unique<State>(order, plan, folder, floor, log, earlier)) {}

ResultRecorder::~ResultRecorder() = default;

void ResultRecorder::keep(const report::StoredRow& stored) {
  State& s = *state_;
  const CaseResultRow& row = stored.row;
  s.log.write(Severity::info, "case " + row.case_id + " keeps its row");
  if (s.legacy_csv) s.legacy_csv->add(row.outcome.status, stored.legacy_cells);
  s.manifest.cases.push_back(facts_of(row));
  s.rows.push_back(row);
}

void ResultRecorder::begin(const scenario::Case& plan_case) {
  State& s = *state_;
  s.log.write(Severity::info, "case " + plan_case.case_id + " begins");
  s.log.forget_last_words();
  s.journal.begin(plan_case.case_id, s.hash_of(plan_case), unix_milliseconds());
  s.begun_ns = monotonic_now_ns();
  s.first_token_ns = 0;
  s.progress.say(s.place_of(plan_case) + " begins");
}

void ResultRecorder::show_progress(const scenario::Case& plan_case, const Heartbeat& heartbeat) {
  State& s = *state_;
  const std::uint64_t now_ns = monotonic_now_ns();
  if (s.first_token_ns == 0 && heartbeat.tokens > 0) {
    s.first_token_ns = now_ns;
    s.first_tokens = heartbeat.tokens;
  }
  report::ProgressState state = s.progress_state(plan_case);
  state.load_stage = heartbeat.stage;
  state.load_fraction = heartbeat.fraction;
  state.rounds_done = heartbeat.rounds;
  state.warmup_rounds = heartbeat.warmup_rounds;
  state.half_width_percent = heartbeat.half_width_percent;
  if (s.first_token_ns != 0) {
    state.tokens = heartbeat.tokens - std::min(heartbeat.tokens, s.first_tokens);
    state.since_first_token_s = seconds_between(s.first_token_ns, now_ns);
  }
  s.progress.show(report::progress_text(state));
}

void ResultRecorder::end(const scenario::Case& plan_case, const CaseResult& result) {
  State& s = *state_;
  CaseResultRow row = case_row(s.order.scenario, plan_case, result, s.folder, s.floor);
  s.note_engine(result);
  row.config_hash = s.hash_of(plan_case);
  if (s.manifest.engine && !s.manifest.engine->objects.empty()) {
    row.engine_build_id = s.manifest.engine->objects.front().build_id;
  }
  s.judge(row);
  if (s.begun_ns == 0) s.log.forget_last_words();  // those of an earlier case
  if (row.outcome.status != Status::ok) row.last_words = last_line_of(s.log.last_words());

  s.log.write(Severity::info, "case " + row.case_id + ": " + report::outcome_text(row.outcome));
  s.results_csv.add(row);
  if (s.legacy_csv) s.legacy_csv->add(row);
  s.journal.end(row.case_id, row.outcome, s.log.last_words(), row.engine_stats,
                unix_milliseconds());
  s.manifest.cases.push_back(facts_of(row));
  report::write_manifest(s.folder.manifest(), s.manifest);

  std::string sentence = s.place_of(plan_case) + " " + report::outcome_text(row.outcome);
  if (s.begun_ns != 0) {
    const double case_s = seconds_between(s.begun_ns, monotonic_now_ns());
    s.ended_cases_s += case_s;
    ++s.ended_cases;
    s.begun_ns = 0;
    sentence += ", " + report::duration_text(case_s);
  }
  s.progress.say(sentence);
  print(report::case_block(row));
  s.rows.push_back(std::move(row));
}

void ResultRecorder::finish() {
  State& s = *state_;
  end_manifest(s.manifest, std::time(nullptr));
  report::write_manifest(s.folder.manifest(), s.manifest);
  s.progress.clear();
  print("\n" + report::final_table(s.rows) + "results: " + s.folder.root.string() + "\n");
}

const ResultsFolder& ResultRecorder::folder() const noexcept { return state_->folder; }

bool ResultRecorder::are_all_ok() const noexcept {
  return state_->rows.size() == state_->plan.size() &&
         std::all_of(state_->rows.begin(), state_->rows.end(),
                     [](const CaseResultRow& row) { return row.outcome.status == Status::ok; });
}

}  // namespace lmbench::process
