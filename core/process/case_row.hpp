// From what a case gave to its row: the figures are computed here, from the event files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "process/protocol.hpp"
#include "process/result_recorder.hpp"
#include "process/results_folder.hpp"
#include "report/case_result_row.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

// A complete case whose event files cannot be used becomes invalid, with the reason, and has no
// figures. Flags that follow from figures are added. Without hash and identity of the engine.
report::CaseResultRow case_row(const scenario::Scenario& scenario, const scenario::Case& plan_case,
                               const CaseResult& result, const ResultsFolder& folder,
                               const std::optional<FloorReply>& floor);

}  // namespace lmbench::process
