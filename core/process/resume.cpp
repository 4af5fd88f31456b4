// SPDX-License-Identifier: Apache-2.0
#include "process/resume.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "error.hpp"
#include "process/case_row.hpp"
#include "process/identity_guard.hpp"
#include "process/journal.hpp"
#include "process/recorded_scenario.hpp"
#include "report/manifest_reader.hpp"
#include "report/output_file.hpp"
#include "report/results_csv.hpp"
#include "scenario/scenario_difference.hpp"

namespace lmbench::process {
namespace {

namespace fs = std::filesystem;
using run::Status;

// What config_hash() leaves out, less the plugin's name and measure.strict: another plugin is
// another plan, and rows that were judged by other rules do not belong in one file.
constexpr std::array<std::string_view, 5> kMayDiffer = {
    "scenario.name", "output.csv", "measure.case_timeout_s", "measure.stall_timeout_s",
    "measure.load_stall_timeout_s"};

// Whether repeating the case would say the same again. A changed engine is none of the case's doing.
bool is_final(const run::Outcome& outcome) {
  switch (outcome.status) {
    case Status::ok:
    case Status::unsupported:
    case Status::short_output:
      return true;
    case Status::invalid:
      return outcome.reason != kIdentityChanged;
    default:
      return false;
  }
}

std::string shortened(const std::string& value) {
  constexpr std::size_t kLongest = 60;
  return value.size() <= kLongest ? value : value.substr(0, kLongest) + "...";
}

void refuse_other_scenario(const report::Manifest& manifest, const scenario::Scenario& scenario,
                           const ResultsFolder& folder) {
  const auto refused =
      refused_differences(recorded_scenario(manifest, folder.manifest()), scenario);
  if (refused.empty()) return;
  std::string all;
  for (const std::string& difference : refused) all += (all.empty() ? "" : "; ") + difference;
  throw Error("the results folder '" + folder.root.string() + "' is of another scenario: " + all +
              "; give it the scenario it was made from, or begin a new folder without --resume");
}

std::string line_of_cut_case(const ResultsFolder& folder, const scenario::Scenario& scenario,
                             const scenario::Case& c) {
  CaseResult cut;
  cut.outcome = {Status::interrupted, "running"};
  return report::results_line(case_row(scenario, c, cut, folder, std::nullopt));
}

const scenario::Case* find_case(const std::vector<scenario::Case>& plan, const std::string& id) {
  const auto found = std::find_if(plan.begin(), plan.end(),
                                  [&](const scenario::Case& c) { return c.case_id == id; });
  return found == plan.end() ? nullptr : &*found;
}

}  // namespace

std::optional<EarlierRun> read_earlier_run(const ResultsFolder& folder,
                                           const scenario::Scenario& scenario) {
  EarlierRun earlier;
  const bool has_manifest = fs::exists(folder.manifest());
  if (has_manifest) {
    earlier.manifest = report::read_manifest(folder.manifest());
    refuse_other_scenario(earlier.manifest, scenario, folder);
  }
  report::StoredResults results = report::read_results(folder.results_csv());
  if (!has_manifest && !results.rows.empty()) {
    throw Error("'" + folder.root.string() +
                "' has rows but no manifest.json, which says what they are of");
  }
  report::cut_file(folder.results_csv(), results.whole_bytes);
  earlier.begun = recover_journal(folder.journal());
  if (!has_manifest) return std::nullopt;
  earlier.rows = std::move(results.rows);
  for (const report::StoredRow& stored : earlier.rows) earlier.begun.erase(stored.row.case_id);
  return earlier;
}

std::vector<std::string> refused_differences(const scenario::Scenario& there,
                                             const scenario::Scenario& here) {
  std::vector<std::string> refused;
  for (const scenario::Difference& d : scenario::differences(there, here)) {
    if (std::find(kMayDiffer.begin(), kMayDiffer.end(), d.key) != kMayDiffer.end()) continue;
    refused.push_back(d.key + ": " + shortened(d.there) + " there, " + shortened(d.here) + " here");
  }
  return refused;
}

KeptRows rows_to_keep(const EarlierRun& earlier, const std::vector<scenario::Case>& plan,
                      const HashOf& hash_of) {
  KeptRows kept;
  for (const report::StoredRow& stored : earlier.rows) {
    const scenario::Case* c = find_case(plan, stored.row.case_id);
    if (c == nullptr || !is_final(stored.row.outcome)) continue;
    if (hash_of && hash_of(*c) != stored.row.config_hash) continue;
    kept.insert_or_assign(stored.row.case_id, stored);
  }
  return kept;
}

void withdraw_others(const ResultsFolder& folder, const EarlierRun& earlier,
                     const scenario::Scenario& scenario, const std::vector<scenario::Case>& plan,
                     const KeptRows& kept) {
  Journal journal(folder.journal());
  std::string text = report::results_header();
  for (const report::StoredRow& stored : earlier.rows) {
    const auto stays = kept.find(stored.row.case_id);
    if (stays != kept.end() && stays->second.line == stored.line) {
      text += stored.line;
    } else {
      journal.withdraw(stored.row.case_id, stored.line, unix_milliseconds());
    }
  }
  for (const scenario::Case& c : plan) {
    if (kept.find(c.case_id) != kept.end()) continue;
    if (earlier.begun.find(c.case_id) != earlier.begun.end()) {
      journal.end(c.case_id, {Status::interrupted, "running"}, "", {}, unix_milliseconds());
      journal.withdraw(c.case_id, line_of_cut_case(folder, scenario, c), unix_milliseconds());
    }
    std::error_code ignored;  // a file that stays is written anew
    fs::remove(folder.events(c.case_id), ignored);
    fs::remove(folder.requests(c.case_id), ignored);
  }
  report::replace_file(folder.results_csv(), text);
}

}  // namespace lmbench::process
