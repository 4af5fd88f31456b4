// SPDX-License-Identifier: Apache-2.0
#include "report/legacy_csv.hpp"

#include <algorithm>

#include "report/csv_text.hpp"
#include "report/number_text.hpp"

namespace lmbench::report {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kShapeColumns = 3;

}  // namespace

const std::array<std::string, kLegacyColumnCount>& legacy_columns() {
  static const std::array<std::string, kLegacyColumnCount> kColumns = {"batch",
                                                                       "prompt_tokens",
                                                                       "completion_tokens",
                                                                       "throughput(out tok/s)",
                                                                       "mem(GB)",
                                                                       "FTL(ave)(s)",
                                                                       "FTL(min)(s)",
                                                                       "FTL(max)(s)",
                                                                       "50%(s)",
                                                                       "75%(s)",
                                                                       "95%(s)",
                                                                       "99%(s)"};
  return kColumns;
}

std::array<std::string, kLegacyColumnCount> legacy_cells(const CaseResultRow& row) {
  std::array<std::string, kLegacyColumnCount> cells;
  cells[0] = std::to_string(row.concurrency);
  cells[1] = std::to_string(row.prompt_tokens);
  cells[2] = std::to_string(row.completion_tokens);
  if (!row.legacy) return cells;
  const stats::LegacyFigures& figures = *row.legacy;
  cells[3] = fixed_text(figures.throughput_tok_s, 2);
  cells[4] = text_or_empty(row.device_memory_gib, [](double gib) { return fixed_text(gib, 2); });
  cells[5] = legacy_seconds_text(figures.first_token_latency.mean_s);
  cells[6] = legacy_seconds_text(figures.first_token_latency.min_s);
  cells[7] = legacy_seconds_text(figures.first_token_latency.max_s);
  if (!figures.token_latency_s) return cells;
  for (std::size_t i = 0; i < figures.token_latency_s->size(); ++i) {
    cells[8 + i] = legacy_seconds_text((*figures.token_latency_s)[i]);
  }
  return cells;
}

LegacyCsv::LegacyCsv(const std::filesystem::path& file) : file_(file, OutputFile::Mode::replace) {
  file_.append_line(csv_line(legacy_columns(), kLineEnd));
}

void LegacyCsv::add(const CaseResultRow& row) { add(row.outcome.status, legacy_cells(row)); }

void LegacyCsv::add(run::Status status, std::array<std::string, kLegacyColumnCount> cells) {
  if (status != run::Status::ok) std::fill(cells.begin() + kShapeColumns, cells.end(), "");
  file_.append_line(csv_line(cells, kLineEnd));
}

}  // namespace lmbench::report
