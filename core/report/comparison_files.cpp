// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_files.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/comparison_text.hpp"
#include "report/csv_text.hpp"
#include "report/number_text.hpp"
#include "report/output_file.hpp"

namespace lmbench::report {
namespace {

using Json = nlohmann::ordered_json;

const char* name_of(Scale scale) { return scale == Scale::ratio ? "ratio" : "difference"; }

// What is known of one metric, by name: the columns of the CSV and the members in the JSON.
std::vector<std::pair<const char*, std::optional<double>>> figures_of(const MetricComparison& m) {
  std::optional<Change> change;
  if (m.effect) change = change_of(m);
  const auto of_change = [&](double Change::*part) {
    return change ? std::optional((*change).*part) : std::nullopt;
  };
  const auto of_effect = [](const std::optional<stats::Effect>& effect, double stats::Effect::*part,
                            double scale) {
    return effect ? std::optional((*effect).*part * scale) : std::nullopt;
  };
  const double scale = m.scale == Scale::ratio ? 100 : 1;
  std::optional<double> needed;
  if (m.verdict && m.verdict->rounds_needed) needed = *m.verdict->rounds_needed;
  return {{"base", m.base},
          {"candidate", m.candidate},
          {"change", of_change(&Change::value)},
          {"change_low", of_change(&Change::low)},
          {"change_high", of_change(&Change::high)},
          {"noise_floor", of_effect(m.repeat, &stats::Effect::half_width, scale)},
          {"spread", of_effect(m.effect, &stats::Effect::spread, scale)},
          {"adjusted_p", m.verdict ? std::optional(m.verdict->adjusted_p) : std::nullopt},
          {"rounds_needed", needed},
          {"minutes_needed", m.minutes_needed}};
}

std::string joined(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : " ") + note;
  return text;
}

std::vector<std::string> csv_cells(const CandidateComparison& candidate, const CaseComparison& c,
                                   const MetricComparison& metric, bool is_gate) {
  const auto* verdict = metric.verdict ? &*metric.verdict : nullptr;
  std::vector<std::string> cells = {
      candidate.name,
      c.case_id,
      metric.metric,
      metric.unit,
      name_of(metric.scale),
      is_gate ? "gate" : "phase",
      verdict != nullptr ? std::string(stats::name_of(verdict->verdict)) : "",
      verdict != nullptr ? verdict->reason : "",
      std::to_string(c.complete_rounds),
      joined(metric.notes)};
  for (const auto& [name, value] : figures_of(metric)) {
    cells.push_back(text_or_empty(value, number_text));
  }
  return cells;
}

Json json_of(const MetricComparison& metric) {
  Json json = {{"metric", metric.metric}, {"unit", metric.unit}, {"scale", name_of(metric.scale)}};
  if (metric.verdict) {
    json["verdict"] = stats::name_of(metric.verdict->verdict);
    json["reason"] = metric.verdict->reason;
  }
  for (const auto& [name, value] : figures_of(metric)) {
    json[name] = value && std::isfinite(*value) ? Json(*value) : Json();
  }
  json["notes"] = metric.notes;
  return json;
}

Json json_of(const OutputComparison& outputs) {
  Json json = {{"sequences", outputs.sequences},
               {"different", outputs.different},
               {"base_from_itself", outputs.repeat_different}};
  if (outputs.first) {
    json["first"] = {{"round", outputs.first->round},
                     {"sequence", outputs.first->sequence},
                     {"position", outputs.first->position}};
  }
  return json;
}

Json json_of(const CaseComparison& c) {
  Json json = {{"case_id", c.case_id},
               {"concurrency", c.concurrency},
               {"prompt_tokens", c.prompt_tokens},
               {"completion_tokens", c.completion_tokens},
               {"complete_rounds", c.complete_rounds},
               {"gates", Json::array()},
               {"phases", Json::array()}};
  for (const MetricComparison& gate : c.gates) json["gates"].push_back(json_of(gate));
  for (const MetricComparison& metric : c.phases) json["phases"].push_back(json_of(metric));
  json["outputs"] = c.outputs ? json_of(*c.outputs) : Json();
  return json;
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
  std::vector<std::string> header = {"candidate", "case_id", "metric", "unit",   "scale",
                                     "kind",      "verdict", "reason", "rounds", "notes"};
  for (const auto& [name, value] : figures_of({})) header.emplace_back(name);
  std::string text = csv_line(header, "\n");
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (const CaseComparison& c : candidate.cases) {
      for (const auto& gate : c.gates) text += csv_line(csv_cells(candidate, c, gate, true), "\n");
      for (const auto& metric : c.phases) {
        text += csv_line(csv_cells(candidate, c, metric, false), "\n");
      }
    }
  }
  return text;
}

std::string comparison_json(const Comparison& comparison) {
  Json json = {{"scenario", comparison.scenario},
               {"base",
                {{"name", comparison.base_name},
                 {"plugin", comparison.base_plugin},
                 {"build_id", comparison.base_build_id}}},
               {"rounds", comparison.rounds},
               {"seed", comparison.seed},
               {"mode", comparison.mode},
               {"is_same_build", comparison.is_same_build},
               {"warnings", comparison.warnings},
               {"min_effect_percent", 100 * comparison.thresholds.min_effect},
               {"detect_percent", 100 * comparison.thresholds.detect},
               {"level", comparison.thresholds.level},
               {"candidates", Json::array()}};
  for (const CandidateComparison& candidate : comparison.candidates) {
    Json one = {{"name", candidate.name},
                {"plugin", candidate.plugin},
                {"build_id", candidate.build_id},
                {"cases", Json::array()}};
    for (const CaseComparison& c : candidate.cases) one["cases"].push_back(json_of(c));
    json["candidates"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_comparison(const std::filesystem::path& folder, const Comparison& comparison) {
  replace_file(folder / "comparison.csv", comparison_csv(comparison));
  replace_file(folder / "comparison.json", comparison_json(comparison));
  replace_file(folder / "comparison.md", comparison_markdown(comparison));
}

}  // namespace lmbench::report
