// SPDX-License-Identifier: Apache-2.0
#include "report/run_comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "error.hpp"
#include "report/console.hpp"
#include "report/manifest_differences.hpp"
#include "report/number_text.hpp"
#include "report/text_table.hpp"
#include "stats/unpaired_effect.hpp"

namespace lmbench::report {
namespace {

constexpr const char* kNotAvailable = "n/a";
constexpr std::size_t kLongestValue = 60;  // of a difference; the manifests have all of it

// ---- what was not the same ----------------------------------------------------------------------

// The part of a long value in which it differs from the other one.
std::string shortened(const std::string& value, const std::string& other) {
  if (value.size() <= kLongestValue) return value;
  std::size_t common = 0;
  while (common < value.size() && common < other.size() && value[common] == other[common]) ++common;
  constexpr std::size_t kContext = 10;
  const std::size_t begin = common > kContext ? common - kContext : 0;
  std::string text = (begin > 0 ? "..." : "") + value.substr(begin, kLongestValue);
  if (begin + kLongestValue < value.size()) text += "...";
  return text;
}

void append_differences(const std::string& title, const std::vector<Difference>& differences,
                        std::string& text) {
  if (differences.empty()) {
    text += title + ": nothing\n";
    return;
  }
  std::vector<Cells> lines{{title, "A", "B", ""}};
  for (const Difference& difference : differences) {
    lines.push_back({difference.key, shortened(difference.a, difference.b),
                     shortened(difference.b, difference.a), ""});
  }
  text += aligned(lines);
}

// ---- figures ------------------------------------------------------------------------------------

struct Figure {
  const char* name;
  std::optional<double> (*of)(const stats::CaseMetrics&);
};

std::optional<double> mean_ms(const stats::Distribution& distribution) {
  return distribution.n > 0 ? std::optional(distribution.mean / kNsPerMs) : std::nullopt;
}

std::optional<double> median_ms(const stats::Distribution& distribution) {
  const auto& median = distribution.percentiles.front();
  return median ? std::optional(*median / kNsPerMs) : std::nullopt;
}

constexpr std::array<Figure, 6> kFigures = {{
    {"output_tok_s", [](const stats::CaseMetrics& m) { return m.output_tok_s; }},
    {"prefill_tok_s", [](const stats::CaseMetrics& m) { return m.prefill_tok_s; }},
    {"decode_tok_s", [](const stats::CaseMetrics& m) { return m.decode_tok_s; }},
    {"ftl_ms_mean", [](const stats::CaseMetrics& m) { return mean_ms(m.ftl); }},
    {"tpot_ms_mean", [](const stats::CaseMetrics& m) { return mean_ms(m.tpot); }},
    {"step_gap_ms_p50", [](const stats::CaseMetrics& m) { return median_ms(m.step_gap); }},
}};

std::string value_text(const std::optional<double>& value) {
  return value ? significant_text(*value, 4) : kNotAvailable;
}

std::string percent_text(double ln_ratio) {
  const double percent = 100 * std::expm1(ln_ratio);
  return (percent >= 0 ? "+" : "") + fixed_text(percent, 2);
}

std::string change_text(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b || !(*a > 0) || !(*b > 0)) return kNotAvailable;
  return percent_text(std::log(*b / *a)) + " %";
}

const stats::RateInterval* interval_of(const CaseResultRow& row) {
  constexpr double kLeastEffective = 2;
  if (!row.rounds_run || !row.rounds_run->output_tok_s) return nullptr;
  const stats::RateInterval& interval = *row.rounds_run->output_tok_s;
  return interval.n_eff >= kLeastEffective && interval.low > 0 ? &interval : nullptr;
}

// Around the change of the output rate alone: no other figure has an interval in each run.
std::string interval_text(const CaseResultRow& a, const CaseResultRow& b) {
  const stats::RateInterval* const first = interval_of(a);
  const stats::RateInterval* const second = interval_of(b);
  if (first == nullptr || second == nullptr) return kNotAvailable;
  const stats::UnpairedEffect effect = stats::unpaired_effect(*first, *second);
  return percent_text(effect.low()) + " to " + percent_text(effect.high());
}

std::uint32_t rounds_of(const CaseResultRow& row) {
  return row.rounds_run ? row.rounds_run->test_rounds : 0;
}

std::string remarks_on(const CaseResultRow& a, const CaseResultRow& b) {
  std::string text;
  const auto add = [&text](const std::string& remark) {
    if (!remark.empty()) text += (text.empty() ? "" : "; ") + remark;
  };
  if (rounds_of(a) != rounds_of(b)) {  // and so not all prompts are the same
    add(std::to_string(rounds_of(a)) + " and " + std::to_string(rounds_of(b)) + " rounds");
  } else if (a.prompts_sha256 != b.prompts_sha256) {
    add("other prompts");
  }
  if (!a.flags.empty()) add("A: " + flags_text(a));
  if (!b.flags.empty()) add("B: " + flags_text(b));
  return text;
}

void append_figures(const CaseResultRow& a, const CaseResultRow& b, std::vector<Cells>& lines) {
  for (const Figure& figure : kFigures) {
    const auto first = figure.of(*a.metrics);
    const auto second = figure.of(*b.metrics);
    const bool is_first = &figure == kFigures.data();
    lines.push_back({is_first ? a.case_id : "", figure.name, value_text(first), value_text(second),
                     change_text(first, second), is_first ? interval_text(a, b) : "",
                     is_first ? remarks_on(a, b) : ""});
  }
}

// ---- cases --------------------------------------------------------------------------------------

bool is_same_case(const CaseResultRow& a, const CaseResultRow& b) {
  return a.concurrency == b.concurrency && a.prompt_tokens == b.prompt_tokens &&
         a.completion_tokens == b.completion_tokens;
}

const CaseResultRow* find_case(const std::vector<CaseResultRow>& rows, const CaseResultRow& like) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const auto& row) { return is_same_case(row, like); });
  return found == rows.end() ? nullptr : &*found;
}

std::string without_figures(const CaseResultRow& a, const CaseResultRow& b) {
  std::string text = a.case_id + ": ";
  if (!a.metrics) text += "A ended as " + outcome_text(a.outcome);
  if (!a.metrics && !b.metrics) text += "; ";
  if (!b.metrics) text += "B ended as " + outcome_text(b.outcome);
  return text + "\n";
}

void require_run(const FinishedRun& run) {
  for (const CaseResultRow& row : run.rows) {
    if (row.variant.empty()) continue;
    throw Error("'" + run.folder +
                "' is of an A/B session; what it found is in its comparison.md already");
  }
}

constexpr const char* kWeakness =
    "\nThis is no verdict. A and B are one launch each, at two times: whatever drifted between "
    "them, and whatever a start\nof the engine changes, is in the change and cannot be taken out. "
    "The interval holds the noise inside the two\nlaunches alone. 'lmbench ab' runs both builds "
    "in turns, and knows.\n";

}  // namespace

RunComparison compare_runs(const FinishedRun& a, const FinishedRun& b) {
  require_run(a);
  require_run(b);
  const ManifestDifferences differences =
      manifest_differences(a.manifest_json, a.folder, b.manifest_json, b.folder);
  RunComparison comparison;
  std::string& text = comparison.text;
  text = "A: " + a.folder + "\nB: " + b.folder + "\n\n";
  append_differences("what differs", differences.settings, text);
  text += "\n";
  append_differences("of each run", differences.of_each_run, text);

  std::vector<Cells> lines{{"case", "figure", "A", "B", "change", "95 % interval", "remarks"}};
  std::string others;
  for (const CaseResultRow& row : a.rows) {
    const CaseResultRow* const other = find_case(b.rows, row);
    if (other == nullptr) {
      others += row.case_id + ": in A only\n";
    } else if (!row.metrics || !other->metrics) {
      others += without_figures(row, *other);
    } else {
      append_figures(row, *other, lines);
      ++comparison.compared_cases;
    }
  }
  for (const CaseResultRow& row : b.rows) {
    if (find_case(a.rows, row) == nullptr) others += row.case_id + ": in B only\n";
  }
  if (comparison.compared_cases > 0) text += "\n" + aligned(lines);
  if (!others.empty()) text += "\nnot compared:\n" + others;
  text += kWeakness;
  return comparison;
}

}  // namespace lmbench::report
