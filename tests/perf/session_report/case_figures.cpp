// SPDX-License-Identifier: Apache-2.0
#include "case_figures.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "report/csv_text.hpp"

namespace turbomind::perf {
namespace {

using lmbench::report::CsvRecord;

class Cells {
 public:
  Cells(const CsvRecord& names, const CsvRecord& record) : names_(names), record_(record) {}

  const std::string& text(const char* column) const {
    const auto found = std::find(names_.cells.begin(), names_.cells.end(), column);
    if (found == names_.cells.end()) {
      throw std::runtime_error(std::string("results.csv has no column '") + column + "'");
    }
    return record_.cells[static_cast<std::size_t>(found - names_.cells.begin())];
  }

  std::optional<double> number(const char* column) const {
    const std::string& cell = text(column);
    double value = 0;
    const char* const end = cell.data() + cell.size();
    const auto [stop, error] = std::from_chars(cell.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
  }

  std::uint32_t count(const char* column) const {
    return static_cast<std::uint32_t>(number(column).value_or(0));
  }
 private:
  const CsvRecord& names_;
  const CsvRecord& record_;
};

CaseFigures figures_of(const Cells& cells) {
  return {.rows = cells.count("batch"),
          .prompt_tokens = cells.count("prompt_tokens"),
          .completion_tokens = cells.count("completion_tokens"),
          .status = cells.text("status"),
          .reason = cells.text("reason"),
          .flags = cells.text("flags"),
          .output_tok_s = cells.number("output_tok_s"),
          .prefill_tok_s = cells.number("prefill_tok_s"),
          .decode_tok_s = cells.number("decode_tok_s"),
          .steady_rows = cells.number("mean_batch_steady"),
          .kv_reserved_bytes = cells.number("mem_kv_reserved_bytes"),
          .sm_clock_mhz = cells.number("sm_clock_mhz_mean")};
}

}  // namespace

std::vector<CaseFigures> parse_cases(std::string_view csv) {
  const std::vector<CsvRecord> records = lmbench::report::csv_records(csv);
  std::vector<CaseFigures> cases;
  for (std::size_t i = 1; i < records.size(); ++i) {
    if (records[i].cells.size() != records[0].cells.size()) continue;  // torn by a cut
    cases.push_back(figures_of({records[0], records[i]}));
  }
  return cases;
}

std::vector<CaseFigures> read_cases(const std::filesystem::path& results_csv) {
  std::ifstream in(results_csv, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_cases(text);
}

}  // namespace turbomind::perf
