// The CSV of profile_generation.py of lmdeploy v0.1.0, byte for byte: twelve columns, CRLF, its
// number formats. It has no column for a status, so only a case that ended ok has figures here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "report/case_result_row.hpp"
#include "report/output_file.hpp"

namespace lmbench::report {

constexpr std::size_t kLegacyColumnCount = 12;

// The header's names, and the cells of a row; of a row without figures all but the shape is empty.
const std::array<std::string, kLegacyColumnCount>& legacy_columns();
std::array<std::string, kLegacyColumnCount> legacy_cells(const CaseResultRow& row);

class LegacyCsv {
 public:
  // Overwrites the file and writes the header. Throws Error, as add() does.
  explicit LegacyCsv(const std::filesystem::path& file);
  void add(const CaseResultRow& row);  // on the disk when it returns
  // Of a row of an earlier run, as its results.csv has it.
  void add(run::Status status, std::array<std::string, kLegacyColumnCount> cells);
 private:
  OutputFile file_;
};

}  // namespace lmbench::report
