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

// A column that another lmbench did not write yet is an empty one.
std::string text_in(const NamedCells& cells, const std::string& name) {
  const auto found = cells.find(name);
  return found == cells.end() ? std::string() : found->second;
}

std::optional<double> number_in(const NamedCells& cells, const std::string& name) {
  const std::string cell = text_in(cells, name);
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

std::optional<stats::RoundFigures> rounds_in(const NamedCells& cells) {
  if (!number_in(cells, "test_rounds")) return std::nullopt;
  stats::RoundFigures figures{.warmup_rounds = count_in(cells, "warmup_rounds"),
                              .test_rounds = count_in(cells, "test_rounds"),
                              .output_tok_s = std::nullopt};
  const auto low = number_in(cells, "output_tok_s_low");
  const auto high = number_in(cells, "output_tok_s_high");
  if (!low || !high) return figures;
  figures.output_tok_s = stats::RateInterval{
      .n = count_in(cells, "output_tok_s_n"),
      .n_eff = number_in(cells, "output_tok_s_n_eff").value_or(0),
      .low = *low,
      .high = *high,
      .half_width_percent = number_in(cells, "output_tok_s_half_width_percent").value_or(0)};
  return figures;
}

CaseResultRow row_from(const NamedCells& cells) {
  CaseResultRow row;
  row.case_id = cells.at("case_id");
  row.concurrency = count_in(cells, "batch");
  row.prompt_tokens = count_in(cells, "prompt_tokens");
  row.completion_tokens = count_in(cells, "completion_tokens");
  row.config_hash = text_in(cells, "config_hash");
  row.outcome = {run::status_from(cells.at("status")), text_in(cells, "reason")};
  row.prompts_sha256 = text_in(cells, "prompts_sha256");
  row.variant = text_in(cells, "variant");
  std::istringstream flags(text_in(cells, "flags"));
  row.flags.assign(std::istream_iterator<std::string>(flags), {});
  row.rounds_run = rounds_in(cells);
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

NamedCells named(const CsvRecord& record, const std::vector<std::string>& names) {
  NamedCells cells;
  for (std::size_t i = 0; i < names.size(); ++i) cells[names[i]] = record.cells[i];
  return cells;
}

StoredRow stored_row(const CsvRecord& record, const std::vector<std::string>& names) {
  StoredRow stored{
      .line = std::string(record.bytes), .row = row_from(named(record, names)), .legacy_cells = {}};
  std::copy_n(record.cells.begin(), kLegacyColumnCount, stored.legacy_cells.begin());
  return stored;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::vector<CaseResultRow> read_rows(const std::filesystem::path& results_csv) {
  const std::string text = bytes_of(results_csv);
  const std::vector<CsvRecord> records = csv_records(text);
  const auto has = [&](const char* column) {
    const auto& names = records.front().cells;
    return std::find(names.begin(), names.end(), column) != names.end();
  };
  if (records.empty() || !has("case_id") || !has("status")) {
    throw Error("'" + results_csv.string() + "' is no results.csv of lmbench");
  }
  std::vector<CaseResultRow> rows;
  for (std::size_t i = 1; i < records.size(); ++i) {
    if (records[i].cells.size() != records.front().cells.size()) continue;  // torn
    rows.push_back(row_from(named(records[i], records.front().cells)));
  }
  return rows;
}

StoredResults read_results(const std::filesystem::path& results_csv) {
  const std::string text = bytes_of(results_csv);
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
