// docs/metrics.md describes the columns of results.csv: each once, and no other.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "report/results_csv.hpp"

using lmbench::report::Column;
using lmbench::report::result_columns;
using Cells = std::vector<std::string>;

namespace {

std::string without(std::string text, const std::string& characters) {
  text.erase(std::remove_if(text.begin(), text.end(),
                            [&](char c) { return characters.find(c) != std::string::npos; }),
             text.end());
  return text;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The rows of the tables below a heading whose first cell is in backquotes.
std::vector<Cells> rows_below(const std::string& heading) {
  std::ifstream file(LMBENCH_SOURCE_DIR "/docs/metrics.md");
  REQUIRE(file);
  std::vector<Cells> rows;
  bool is_below = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) is_below = line == "## " + heading;
    if (!is_below || !line.starts_with("| `")) continue;
    Cells cells;
    std::istringstream in(line.substr(1));
    for (std::string cell; std::getline(in, cell, '|');)
      cells.push_back(without(trimmed(cell), "`"));
    rows.push_back(cells);
  }
  return rows;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

struct Described {
  std::string unit;
  std::string formula;
};

// Each metric with each statistic: "<id>_<unit>_mean" of ftl in ms is ftl_ms_mean.
void add_distributions(std::map<std::string, Described>& columns) {
  for (const Cells& metric : rows_below("Distributions")) {
    for (const Cells& statistic : rows_below("Statistics")) {
      const std::string name =
          replaced(replaced(statistic[0], "<id>", metric[0]), "<unit>", metric[1]);
      const bool is_new = columns
                              .emplace(name, Described{replaced(statistic[1], "<unit>", metric[1]),
                                                       statistic[2] + " of " + metric[2]})
                              .second;
      CHECK_MESSAGE(is_new, name);
    }
  }
}

std::map<std::string, Described> described_columns() {
  std::map<std::string, Described> columns;
  for (const char* heading : {"Legacy columns", "What a row is of", "Single figures", "Rounds",
                              "Roofline", "Memory", "Telemetry"}) {
    for (const Cells& row : rows_below(heading)) {
      CHECK_MESSAGE(columns.emplace(row[0], Described{row[1], row[2]}).second, row[0]);
    }
  }
  add_distributions(columns);
  return columns;
}

}  // namespace

TEST_CASE("the document has each column of results.csv with its unit and formula") {
  const auto described = described_columns();
  for (const Column& column : result_columns()) {
    CAPTURE(column.name);
    const auto found = described.find(column.name);
    REQUIRE(found != described.end());
    CHECK(found->second.unit == column.unit);
    CHECK(found->second.formula == column.formula);
  }
}

TEST_CASE("the document has no column that is not in results.csv") {
  for (const auto& described : described_columns()) {
    const std::string& name = described.first;
    CAPTURE(name);
    CHECK(std::any_of(result_columns().begin(), result_columns().end(),
                      [&](const Column& column) { return column.name == name; }));
  }
}
