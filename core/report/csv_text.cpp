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

std::vector<CsvRecord> csv_records(std::string_view text) {
  std::vector<CsvRecord> records;
  std::vector<std::string> cells(1);
  std::size_t begin = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && is_quoted && i + 1 < text.size() && text[i + 1] == '"') {
      cells.back() += text[++i];
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ',' && !is_quoted) {
      cells.emplace_back();
    } else if (c == '\n' && !is_quoted) {
      if (i > begin && text[i - 1] == '\r') cells.back().pop_back();
      records.push_back({text.substr(begin, i + 1 - begin), std::move(cells)});
      cells.assign(1, {});
      begin = i + 1;
    } else {
      cells.back() += c;
    }
  }
  return records;
}

}  // namespace lmbench::report
