// What a row has to say against itself: flags that follow from its figures and its plan.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "process/result_recorder.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"
#include "stats/case_metrics.hpp"

namespace lmbench::process {

// "identical_prompts", "rate_mismatch"
std::vector<std::string> row_flags(const scenario::Scenario& scenario,
                                   const scenario::Case& plan_case, const CaseResult& result,
                                   const stats::CaseMetrics& metrics);

}  // namespace lmbench::process
