// SPDX-License-Identifier: Apache-2.0
#include "report/stored_results.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "error.hpp"
#include "report/csv_text.hpp"
#include "report/number_text.hpp"
#include "report/results_csv.hpp"

namespace lmbench::report {
namespace {

using NamedCells = std::map<std::string, std::string>;

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const Column& column : result_columns()) names.push_back(column.name);
  return names;
}

std::optional<double> number_in(const NamedCells& cells, const std::string& name) {
  const std::string& cell = cells.at(name);
  double number = 0;
  const char* const end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, number);
  if (cell.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::uint32_t count_in(const NamedCells& cells, const std::string& name) {
  return static_cast<std::uint32_t>(number_in(cells, name).value_or(0));
}

// In nanoseconds, from the columns in ms.
stats::Distribution distribution_in(const NamedCells& cells, const std::string& id) {
  stats::Distribution d;
  d.n = count_in(cells, id + "_n");
  if (d.n == 0) return d;
  d.mean = number_in(cells, id + "_ms_mean").value_or(0) * kNsPerMs;
  for (std::size_t i = 0; i < stats::kPercents.size(); ++i) {
    const auto ms = number_in(cells, id + "_ms_p" + fixed_text(stats::kPercents[i], 0));
    if (ms) d.percentiles[i] = *ms * kNsPerMs;
  }
  return d;
}

CaseResultRow row_from(const NamedCells& cells) {
  CaseResultRow row;
  row.case_id = cells.at("case_id");
  row.concurrency = count_in(cells, "batch");
  row.prompt_tokens = count_in(cells, "prompt_tokens");
  row.completion_tokens = count_in(cells, "completion_tokens");
  row.config_hash = cells.at("config_hash");
  row.outcome = {run::status_from(cells.at("status")), cells.at("reason")};
  row.prompts_sha256 = cells.at("prompts_sha256");
  std::istringstream flags(cells.at("flags"));
  row.flags.assign(std::istream_iterator<std::string>(flags), {});
  if (!number_in(cells, "output_tok_s")) return row;
  stats::CaseMetrics& metrics = row.metrics.emplace();
  metrics.output_tok_s = number_in(cells, "output_tok_s");
  metrics.prefill_tok_s = number_in(cells, "prefill_tok_s");
  metrics.decode_tok_s = number_in(cells, "decode_tok_s");
  metrics.ftl = distribution_in(cells, "ftl");
  metrics.tpot = distribution_in(cells, "tpot");
  metrics.step_gap = distribution_in(cells, "step_gap");
  return row;
}

StoredRow stored_row(const CsvRecord& record, const std::vector<std::string>& names) {
  NamedCells cells;
  for (std::size_t i = 0; i < names.size(); ++i) cells[names[i]] = record.cells[i];
  StoredRow stored{.line = std::string(record.bytes), .row = row_from(cells), .legacy_cells = {}};
  std::copy_n(record.cells.begin(), kLegacyColumnCount, stored.legacy_cells.begin());
  return stored;
}

}  // namespace

StoredResults read_results(const std::filesystem::path& results_csv) {
  std::ifstream in(results_csv, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::vector<CsvRecord> records = csv_records(text);
  StoredResults results;
  if (records.empty()) return results;
  const std::vector<std::string> names = column_names();
  if (records.front().cells != names) {
    throw Error("'" + results_csv.string() +
                "' has other columns than this lmbench writes, so its rows cannot stand in one "
                "file with new ones; run the plan anew with 'lmbench rerun'");
  }
  results.whole_bytes = records.front().bytes.size();
  for (std::size_t i = 1; i < records.size(); ++i) {
    const bool is_whole = records[i].cells.size() == names.size();
    if (!is_whole && i + 1 == records.size()) break;  // torn all the same: a power failure
    if (!is_whole) {
      throw Error(results_csv.string() + ": row " + std::to_string(i),
                  "has " + std::to_string(records[i].cells.size()) + " cells instead of " +
                      std::to_string(names.size()) + "; repair or remove it",
                  ExitCode::bad_usage);
    }
    results.rows.push_back(stored_row(records[i], names));
    results.whole_bytes += records[i].bytes.size();
  }
  return results;
}

}  // namespace lmbench::report
