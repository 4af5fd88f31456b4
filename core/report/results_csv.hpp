// results.csv: one row for every planned case, the twelve legacy columns first, then what the row
// is of, then our metrics. The table of columns in the .cpp is the one place that lists them;
// docs/metrics.md is held to it by a test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "report/case_result_row.hpp"
#include "report/output_file.hpp"

namespace lmbench::report {

struct Column {
  std::string name;
  std::string unit;     // "-" where there is none
  std::string formula;  // or what it says
  std::function<std::string(const CaseResultRow&)> cell;
};

const std::vector<Column>& result_columns();

std::string results_header();
std::string results_line(const CaseResultRow& row);

class ResultsCsv {
 public:
  // Makes the file with its header, or goes on in one that has it. Throws Error, as add() does.
  explicit ResultsCsv(const std::filesystem::path& file);
  void add(const CaseResultRow& row);  // one write; on the disk when it returns
 private:
  OutputFile file_;
};

}  // namespace lmbench::report
