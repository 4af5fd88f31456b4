// Going on with a run that was cut: what its folder holds, which rows stay, and how the others
// leave results.csv, so that no planned case ever has two rows there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "process/results_folder.hpp"
#include "report/manifest.hpp"
#include "report/stored_results.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

struct EarlierRun {
  report::Manifest manifest;
  std::vector<report::StoredRow> rows;
  std::set<std::string> begun;  // cases whose begin has no end in the journal
};

// Cuts lines that were not written to their end off results.csv and the journal. Empty when the run
// was cut before it had a manifest: nothing was measured. The folder must be locked. Throws Error
// (bad_usage) when the folder is of another scenario, with what differs.
std::optional<EarlierRun> read_earlier_run(const ResultsFolder& folder,
                                           const scenario::Scenario& scenario);

// "measure.test_rounds: 10 there, 20 here" for each key that may not differ; names, limits and
// output may, as they do in config_hash().
std::vector<std::string> refused_differences(const scenario::Scenario& there,
                                             const scenario::Scenario& here);

// The rows that stay, by case: those with a final status that were measured with what hash_of gives.
// hash_of: empty when it is not known which engine this is; then a final status is enough.
using KeptRows = std::map<std::string, report::StoredRow>;
using HashOf = std::function<std::string(const scenario::Case&)>;
KeptRows rows_to_keep(const EarlierRun& earlier, const std::vector<scenario::Case>& plan,
                      const HashOf& hash_of);

// Moves all other rows from results.csv to the journal, the case that was running when the run was
// cut among them as interrupted, and removes their event files.
void withdraw_others(const ResultsFolder& folder, const EarlierRun& earlier,
                     const scenario::Scenario& scenario, const std::vector<scenario::Case>& plan,
                     const KeptRows& kept);

}  // namespace lmbench::process
