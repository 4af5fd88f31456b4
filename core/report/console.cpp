// SPDX-License-Identifier: Apache-2.0
#include "report/console.hpp"

#include "report/number_text.hpp"
#include "report/text_table.hpp"

namespace lmbench::report {
namespace {

constexpr const char* kNotAvailable = "n/a";
constexpr std::size_t kLongestReason = 120;  // of a line; results.csv has all of it

std::string spread_text(const stats::Spread& spread) {
  return legacy_seconds_text(spread.min_s) + "s, " + legacy_seconds_text(spread.max_s) + "s, " +
         legacy_seconds_text(spread.mean_s) + "s\n";
}

std::string percentiles_text(const stats::LegacyFigures& figures) {
  if (!figures.token_latency_s) return kNotAvailable;
  std::string text;
  for (const double seconds : *figures.token_latency_s) {
    text += (text.empty() ? "[" : ", ") + legacy_seconds_text(seconds);
  }
  return text + "]";
}

// That ran, or were planned.
std::string test_rounds_text(const CaseResultRow& row) {
  if (row.rounds_run) return std::to_string(row.rounds_run->test_rounds);
  return row.rounds ? std::to_string(*row.rounds) : kNotAvailable;
}

std::string shape_text(const CaseResultRow& row) {
  return "concurrency: " + std::to_string(row.concurrency) +
         ", test_round: " + test_rounds_text(row) + "\n" +
         "input_tokens: " + std::to_string(row.prompt_tokens) +
         ", output_tokens: " + std::to_string(row.completion_tokens) + "\n";
}

std::string figures_text(const CaseResultRow& row) {
  const stats::LegacyFigures& figures = *row.legacy;
  return "total time: " + fixed_text(figures.total_s, 2) + "s\n" + shape_text(row) +
         "first_token latency(min, max, ave): " + spread_text(figures.first_token_latency) +
         "total_token latency(min, max, ave): " + spread_text(figures.total_token_latency) +
         "token_latency percentiles(50%,75%,95%,99%)(s): " + percentiles_text(figures) + "\n" +
         "throughput: " + fixed_text(figures.throughput_tok_s, 2) + " token/s\n";
}

std::string cell(const std::optional<double>& value, int decimals) {
  return value ? fixed_text(*value, decimals) : kNotAvailable;
}

// A figure of a distribution in ms.
std::string cell_ms(const stats::Distribution& d, const std::optional<double>& ns) {
  if (d.n == 0 || !ns) return kNotAvailable;
  return fixed_text(*ns / kNsPerMs, 3);
}

std::string reason_text(const run::Outcome& outcome) {
  std::string text;
  for (const char c : outcome.reason) {
    if (text.size() == kLongestReason) return text + "...";
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    text += is_control ? ' ' : c;
  }
  return text;
}

std::string remarks(const CaseResultRow& row) {
  std::string text = reason_text(row.outcome);
  if (!row.flags.empty()) text += (text.empty() ? "" : "; ") + flags_text(row);
  return text;
}

Cells table_row(const CaseResultRow& row) {
  static const stats::CaseMetrics kNone;
  const stats::CaseMetrics& m = row.metrics ? *row.metrics : kNone;
  return {row.case_id,
          std::string(run::name_of(row.outcome.status)),
          std::to_string(row.concurrency),
          std::to_string(row.prompt_tokens),
          std::to_string(row.completion_tokens),
          cell(m.output_tok_s, 2),
          cell(m.prefill_tok_s, 2),
          cell(m.decode_tok_s, 2),
          cell_ms(m.ftl, m.ftl.mean),
          cell_ms(m.tpot, m.tpot.mean),
          cell_ms(m.step_gap, m.step_gap.percentiles[0]),
          cell_ms(m.step_gap, m.step_gap.percentiles[4]),
          remarks(row)};
}

}  // namespace

std::string outcome_text(const run::Outcome& outcome) {
  const std::string reason = reason_text(outcome);
  return std::string(run::name_of(outcome.status)) + (reason.empty() ? "" : ": " + reason);
}

std::string case_block(const CaseResultRow& row) {
  const std::string rule = std::string(50, '-') + "\n";
  std::string text = "\n" + rule;
  if (row.legacy) {
    text += figures_text(row);
  } else {
    text += shape_text(row);
  }
  text += "status: " + outcome_text(row.outcome) + "\n";
  text += "flags: " + (row.flags.empty() ? "none" : flags_text(row)) + "\n";
  return text + rule;
}

std::string final_table(const std::vector<CaseResultRow>& rows) {
  std::vector<Cells> lines{{"case", "status", "batch", "prompt", "completion", "output tok/s",
                            "prefill tok/s", "decode tok/s", "FTL ms", "TPOT ms", "gap p50 ms",
                            "gap p99 ms", "remarks"}};
  for (const CaseResultRow& row : rows) lines.push_back(table_row(row));
  return aligned(lines);
}

}  // namespace lmbench::report
