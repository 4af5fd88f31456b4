// SPDX-License-Identifier: Apache-2.0
#include "report/csv_text.hpp"

namespace lmbench::report {
namespace {

std::string quoted_where_needed(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string csv_line(std::span<const std::string> cells, std::string_view line_end) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    line += quoted_where_needed(cells[i]);
  }
  return line.append(line_end);
}

}  // namespace lmbench::report
