// What is printed of a case when it has ended, and of all cases at the end. Text only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report/case_result_row.hpp"

namespace lmbench::report {

// The block of profile_generation.py, line by line, with status and flags behind it.
std::string case_block(const CaseResultRow& row);

// One line per case; "n/a" for what is not available.
std::string final_table(const std::vector<CaseResultRow>& rows);

// A status with its reason on one line, cut where it is long: "crash: signal SIGSEGV …".
std::string outcome_text(const run::Outcome& outcome);

}  // namespace lmbench::report
