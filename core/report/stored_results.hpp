// results.csv of an earlier run, read back: which cases have a row, how they ended, and as much
// of their figures as tables show. A row that is kept stays as the bytes it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "report/case_result_row.hpp"
#include "report/legacy_csv.hpp"

namespace lmbench::report {

struct StoredRow {
  std::string line;   // with its line end
  CaseResultRow row;  // identity, outcome, flags, rounds and the figures of final_table()
  std::array<std::string, kLegacyColumnCount> legacy_cells;
};

struct StoredResults {
  std::vector<StoredRow> rows;     // in the order of the file
  std::uintmax_t whole_bytes = 0;  // of the file; what lies behind was not written to its end
};

// An absent file has no rows. Throws Error when its columns are not those of this lmbench, or when
// a row before the last one is damaged.
StoredResults read_results(const std::filesystem::path& results_csv);

// The rows alone, of whatever lmbench wrote them: what it had no column for is not available. Throws
// Error when the file is none of lmbench.
std::vector<CaseResultRow> read_rows(const std::filesystem::path& results_csv);

}  // namespace lmbench::report
