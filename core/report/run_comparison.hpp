// Two finished runs side by side, in words: first what was not the same about them, then the figures
// of the cases that both have. Gives no verdict, and says why.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report/case_result_row.hpp"

namespace lmbench::report {

struct FinishedRun {
  std::string folder;         // as it is shown
  std::string manifest_json;  // the text of its manifest
  std::vector<CaseResultRow> rows;
};

struct RunComparison {
  std::string text;                // for the terminal
  std::size_t compared_cases = 0;  // with figures on both sides
};

// Cases are matched by concurrency, prompt and completion length. Throws Error when one of the
// manifests cannot be read, or a run is an A/B session, which has a comparison of its own.
RunComparison compare_runs(const FinishedRun& a, const FinishedRun& b);

}  // namespace lmbench::report
