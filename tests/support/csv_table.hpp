// A CSV text as named cells, for tests that read what lmbench wrote.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace lmbench::test {

using CsvRow = std::map<std::string, std::string>;

inline std::vector<std::vector<std::string>> csv_cells(const std::string& text) {
  std::vector<std::vector<std::string>> rows{{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& cell = rows.back().back();
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      cell += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\n' && !quoted) {
      rows.push_back({""});
    } else if (c != '\r' || quoted) {
      cell += c;
    }
  }
  rows.pop_back();  // what stands behind the last line end
  return rows;
}

inline std::vector<CsvRow> csv_table(const std::string& text) {
  const auto cells = csv_cells(text);
  if (cells.empty()) throw std::runtime_error("a CSV file without a header line");
  std::vector<CsvRow> rows;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    if (cells[i].size() != cells[0].size()) throw std::runtime_error("a row of another width");
    CsvRow row;
    for (std::size_t j = 0; j < cells[i].size(); ++j) row[cells[0][j]] = cells[i][j];
    rows.push_back(row);
  }
  return rows;
}

}  // namespace lmbench::test
