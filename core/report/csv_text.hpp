// CSV as RFC 4180 has it: a cell is quoted where it must be, and quotes in it are doubled.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmbench::report {

std::string csv_line(std::span<const std::string> cells, std::string_view line_end);

struct CsvRecord {
  std::string_view bytes;  // as it lies in the text, with its line end
  std::vector<std::string> cells;
};

// The records of a text whose lines end with LF or CRLF. What stands behind the last line end is a
// record that was not written to its end, and is left out.
std::vector<CsvRecord> csv_records(std::string_view text);

}  // namespace lmbench::report
