// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_text.hpp"

#include <cmath>
#include <utility>

#include "report/number_text.hpp"
#include "report/text_table.hpp"

namespace lmbench::report {
namespace {

constexpr const char* kNotAvailable = "n/a";

std::string unit_of_change(const MetricComparison& metric) {
  return metric.scale == Scale::ratio ? " %" : " " + metric.unit;
}

std::string signed_text(double value, int decimals) {
  const std::string text = fixed_text(value, decimals);
  return value >= 0 ? "+" + text : text;
}

std::string value_text(const std::optional<double>& value) {
  return value ? significant_text(*value, 4) : kNotAvailable;
}

// A change in percent has two decimals; one in a unit may be of any size.
std::string change_number(const MetricComparison& metric, double change) {
  if (metric.scale == Scale::ratio) return signed_text(change, 2);
  return (change < 0 ? "-" : "+") + significant_text(std::abs(change), 3);
}

std::string change_text(const MetricComparison& metric) {
  if (!metric.effect) return kNotAvailable;
  return change_number(metric, change_of(metric).value) + unit_of_change(metric);
}

std::string interval_text(const MetricComparison& metric) {
  if (!metric.effect) return kNotAvailable;
  const Change change = change_of(metric);
  return change_number(metric, change.low) + " to " + change_number(metric, change.high);
}

std::string noise_floor_text(const MetricComparison& metric) {
  if (!metric.repeat) return kNotAvailable;
  const double floor = metric.repeat->half_width;
  const double shown = metric.scale == Scale::ratio ? 100 * std::expm1(floor) : floor;
  return fixed_text(shown, 2) + unit_of_change(metric);
}

std::string needed_text(const MetricComparison& gate) {
  if (!gate.verdict || gate.verdict->verdict != stats::Verdict::unclear) return "";
  if (!gate.verdict->rounds_needed) return "no number of rounds would do";
  std::string text = "needs about " + std::to_string(*gate.verdict->rounds_needed) + " rounds";
  if (gate.minutes_needed) text += " (" + duration_text(*gate.minutes_needed * 60) + ")";
  return text;
}

std::string outputs_text(const CaseComparison& comparison) {
  if (!comparison.outputs) return "";
  const OutputComparison& outputs = *comparison.outputs;
  if (outputs.different == 0) return "";
  std::string text = std::to_string(outputs.different) + " of " +
                     std::to_string(outputs.sequences) + " outputs differ";
  if (outputs.repeat_different != 0) {
    text += " (the base from itself: " + std::to_string(outputs.repeat_different) + ")";
  }
  if (outputs.first) {
    text += ", first in round " + std::to_string(outputs.first->round) + ", sequence " +
            std::to_string(outputs.first->sequence) + ", token " +
            std::to_string(outputs.first->position);
  }
  return text;
}

std::string remarks_of(const CaseComparison& comparison, const MetricComparison& gate) {
  std::string text = needed_text(gate);
  const auto add = [&text](const std::string& remark) {
    if (!remark.empty()) text += (text.empty() ? "" : "; ") + remark;
  };
  for (const std::string& note : gate.notes) add(note);
  add(outputs_text(comparison));
  return text;
}

std::vector<Cells> verdict_lines(const CandidateComparison& candidate) {
  std::vector<Cells> lines{{"verdict", "case", "metric", "base", "candidate", "change",
                            "95 % interval", "noise floor", "rounds", "remarks"}};
  for (const CaseComparison& comparison : candidate.cases) {
    for (const MetricComparison& gate : comparison.gates) {
      lines.push_back({verdict_text(gate), comparison.case_id, gate.metric, value_text(gate.base),
                       value_text(gate.candidate), change_text(gate), interval_text(gate),
                       noise_floor_text(gate), std::to_string(comparison.complete_rounds),
                       remarks_of(comparison, gate)});
    }
  }
  return lines;
}

std::vector<Cells> phase_lines(const CandidateComparison& candidate) {
  std::vector<Cells> lines{
      {"case", "metric", "unit", "base", "candidate", "change", "95 % interval"}};
  for (const CaseComparison& comparison : candidate.cases) {
    for (const MetricComparison& metric : comparison.phases) {
      if (!metric.effect) continue;
      lines.push_back({comparison.case_id, metric.metric, metric.unit, value_text(metric.base),
                       value_text(metric.candidate), change_text(metric), interval_text(metric)});
    }
  }
  return lines;
}

std::string build_text(const std::string& name, const std::string& plugin,
                       const std::string& build_id) {
  return name + " (" + plugin + (build_id.empty() ? "" : ", build-id " + build_id) + ")";
}

std::string heading(const Comparison& comparison, const CandidateComparison& candidate) {
  return build_text(candidate.name, candidate.plugin, candidate.build_id) + " against " +
         build_text(comparison.base_name, comparison.base_plugin, comparison.base_build_id);
}

std::string method_text(const Comparison& c) {
  std::string text =
      std::to_string(c.rounds) +
      (c.mode == "resident"
           ? " rounds of workers that stay alive: what differs from launch to launch is not "
             "averaged"
           : " rounds, each build in a fresh process, in balanced random order (seed " +
                 std::to_string(c.seed) + ")");
  text += ". Differences below " + fixed_text(100 * c.thresholds.min_effect, 2) +
          " % are never called; all claims together hold at " +
          fixed_text(100 * c.thresholds.level, 0) + " % (Holm). Above 0: the figure is larger.";
  if (c.is_same_build) text += " Both builds are the same: this measures the noise.";
  return text;
}

std::string warnings_text(const Comparison& comparison) {
  std::string text;
  for (const std::string& warning : comparison.warnings) text += "Warning: " + warning + ".\n";
  return text;
}

std::string markdown_table(const std::vector<Cells>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += "|";
    for (const std::string& cell : lines[i]) text += " " + cell + " |";
    text += "\n";
    if (i != 0) continue;
    text += "|";
    for (std::size_t column = 0; column < lines[0].size(); ++column) text += "---|";
    text += "\n";
  }
  return text;
}

}  // namespace

double change_of(const MetricComparison& metric, double gain) {
  const double size = metric.is_more_better ? gain : -gain;
  return metric.scale == Scale::ratio ? 100 * std::expm1(size) : size;
}

Change change_of(const MetricComparison& metric) {
  Change change{change_of(metric, metric.effect->value), change_of(metric, metric.effect->low()),
                change_of(metric, metric.effect->high())};
  if (!metric.is_more_better) std::swap(change.low, change.high);
  return change;
}

std::string verdict_text(const MetricComparison& gate) {
  if (!gate.verdict) return kNotAvailable;
  std::string text(stats::name_of(gate.verdict->verdict));
  if (!gate.verdict->reason.empty()) text += " (" + gate.verdict->reason + ")";
  return text;
}

std::string comparison_table(const Comparison& comparison) {
  std::string text;
  for (const CandidateComparison& candidate : comparison.candidates) {
    text += "\n" + heading(comparison, candidate) + "\n" + aligned(verdict_lines(candidate)) +
            "\nwhere:\n" + aligned(phase_lines(candidate));
  }
  return text + "\n" + method_text(comparison) + "\n" + warnings_text(comparison);
}

std::string comparison_markdown(const Comparison& comparison) {
  std::string text = "## lmbench: " + comparison.scenario + "\n";
  for (const CandidateComparison& candidate : comparison.candidates) {
    text += "\n" + heading(comparison, candidate) + "\n\n" +
            markdown_table(verdict_lines(candidate)) + "\n<details><summary>where</summary>\n\n" +
            markdown_table(phase_lines(candidate)) + "\n</details>\n";
  }
  return text + "\n" + method_text(comparison) + "\n" + warnings_text(comparison);
}

}  // namespace lmbench::report
