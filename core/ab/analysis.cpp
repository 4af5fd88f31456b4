// SPDX-License-Identifier: Apache-2.0
#include "ab/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "ab/output_comparison.hpp"
#include "stats/ordered_sample.hpp"
#include "stats/rank_trend.hpp"

namespace lmbench::ab {
namespace {

using report::CaseComparison;
using report::MetricComparison;

constexpr std::uint32_t kBase = 0;
constexpr std::uint32_t kCopy = 1;
constexpr std::uint32_t kFirstCandidate = 2;

std::uint32_t places_of(const AnalysisOrder& order) {
  return kFirstCandidate + static_cast<std::uint32_t>(order.candidates.size());
}

// The launches of one case that one candidate is judged by: a round with its three.
struct Triple {
  const LaunchFigures* base;
  const LaunchFigures* copy;
  const LaunchFigures* candidate;
};

struct Evidence {
  std::vector<Triple> complete;              // rounds in which all three count
  std::vector<std::string> invalid_reasons;  // of launches that do not
  std::uint32_t lost_rounds = 0;             // a launch failed
};

class Launches {
 public:
  explicit Launches(std::span<const LaunchFigures> launches) {
    for (const LaunchFigures& launch : launches) {
      by_key_[{launch.case_index, launch.arm, launch.round}] = &launch;
    }
  }
  const LaunchFigures* find(std::uint32_t case_index, std::uint32_t arm,
                            std::uint32_t round) const {
    const auto found = by_key_.find({case_index, arm, round});
    return found == by_key_.end() ? nullptr : found->second;
  }
 private:
  struct Key {
    std::uint32_t case_index, arm, round;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, const LaunchFigures*> by_key_;
};

Evidence evidence_for(const Launches& launches, std::uint32_t case_index, std::uint32_t candidate,
                      std::uint32_t rounds) {
  Evidence evidence;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const Triple triple{launches.find(case_index, kBase, round),
                        launches.find(case_index, kCopy, round),
                        launches.find(case_index, candidate, round)};
    bool is_complete = true;
    for (const LaunchFigures* launch : {triple.base, triple.copy, triple.candidate}) {
      if (launch == nullptr) {
        is_complete = false;
      } else if (!launch->invalid_reason.empty()) {
        evidence.invalid_reasons.push_back(launch->invalid_reason);
        is_complete = false;
      }
    }
    if (is_complete) {
      evidence.complete.push_back(triple);
    } else {
      ++evidence.lost_rounds;
    }
  }
  return evidence;
}

// The rounds in which all three launches have the metric.
std::vector<stats::RoundGains> gains_of(const Evidence& evidence, Metric metric) {
  std::vector<stats::RoundGains> gains;
  for (const Triple& triple : evidence.complete) {
    const auto& base = triple.base->value(metric);
    const auto& copy = triple.copy->value(metric);
    const auto& candidate = triple.candidate->value(metric);
    if (!base || !copy || !candidate) continue;
    gains.push_back({.base = gain_of(metric, *base),
                     .copy = gain_of(metric, *copy),
                     .candidate = gain_of(metric, *candidate),
                     .candidate_place = triple.candidate->place});
  }
  return gains;
}

std::optional<double> median_of(const Evidence& evidence, Metric metric,
                                std::initializer_list<const LaunchFigures * Triple::*> arms) {
  std::vector<stats::OrderedSample::WeightedValue> values;
  for (const Triple& triple : evidence.complete) {
    for (const auto arm : arms) {
      if (const auto& value = (triple.*arm)->value(metric)) values.emplace_back(*value, 1);
    }
  }
  if (values.empty()) return std::nullopt;
  return stats::OrderedSample(std::move(values)).interpolated(0.5);
}

MetricComparison compare_metric(const Evidence& evidence, Metric metric, std::uint32_t places) {
  const MetricInfo& info = info_of(metric);
  MetricComparison result;
  result.metric = info.id;
  result.unit = info.unit;
  result.scale = info.scale;
  result.is_more_better = info.is_more_better;
  result.base = median_of(evidence, metric, {&Triple::base, &Triple::copy});
  result.candidate = median_of(evidence, metric, {&Triple::candidate});
  const std::vector<stats::RoundGains> gains = gains_of(evidence, metric);
  result.effect = stats::candidate_effect(gains, places);
  result.repeat = stats::repeat_effect(gains);
  return result;
}

double difference_of(const stats::RoundGains& round) {
  return round.candidate - (round.base + round.copy) / 2;
}

bool has_trend(std::span<const stats::RoundGains> gains) {
  constexpr double kLevel = 0.01;
  std::vector<double> differences;
  for (const stats::RoundGains& round : gains) differences.push_back(difference_of(round));
  return stats::mann_kendall_p(differences) < kLevel;
}

bool has_place_effect(std::span<const stats::RoundGains> gains, const stats::Effect& effect,
                      std::uint32_t places) {
  for (const double place : stats::place_effects(gains, places)) {
    if (std::abs(place) > 2 * effect.half_width) return true;
  }
  return false;
}

// A difference is one launch against the mean of two: 3/2 of a launch's variance.
bool is_mostly_between_launches(const Evidence& evidence, const stats::Effect& effect) {
  double within = 0;
  for (const Triple& triple : evidence.complete) {
    for (const LaunchFigures* launch : {triple.base, triple.copy, triple.candidate}) {
      if (!launch->within_error) return false;
      within += *launch->within_error * *launch->within_error;
    }
  }
  within /= 3 * static_cast<double>(evidence.complete.size());
  return effect.spread * effect.spread / 1.5 > 3 * within;
}

bool has_outlier(std::span<const stats::RoundGains> gains) {
  std::vector<stats::OrderedSample::WeightedValue> values;
  for (const stats::RoundGains& round : gains) values.emplace_back(difference_of(round), 1);
  const double median = stats::OrderedSample(values).interpolated(0.5);
  for (auto& [value, weight] : values) value = std::abs(value - median);
  const stats::OrderedSample distances(values);
  constexpr double kDeviationsPerMad = 1.4826;  // of a normal distribution
  const double deviation = kDeviationsPerMad * distances.interpolated(0.5);
  return distances.interpolated(1) > 6 * deviation;
}

bool has_clock_shift(const Evidence& evidence) {
  constexpr double kShift = 0.01;
  double base = 0;
  double candidate = 0;
  for (const Triple& triple : evidence.complete) {
    if (!triple.base->clock_mhz || !triple.copy->clock_mhz || !triple.candidate->clock_mhz) {
      return false;
    }
    base += (*triple.base->clock_mhz + *triple.copy->clock_mhz) / 2;
    candidate += *triple.candidate->clock_mhz;
  }
  return base > 0 && std::abs(candidate / base - 1) > kShift;
}

void add_notes(const Evidence& evidence, Metric metric, std::uint32_t places,
               MetricComparison& result) {
  if (!result.effect) return;
  const std::vector<stats::RoundGains> gains = gains_of(evidence, metric);
  const auto note = [&result](bool applies, const char* name) {
    if (applies) result.notes.emplace_back(name);
  };
  note(has_place_effect(gains, *result.effect, places), "place_effect");
  note(has_trend(gains), "trend");
  note(has_clock_shift(evidence), "clock_shift");
  note(metric == Metric::output_tok_s && is_mostly_between_launches(evidence, *result.effect),
       "between_launch");
  note(has_outlier(gains), "outlier_launch");
}

std::optional<report::OutputComparison> outputs_of(const Evidence& evidence,
                                                   std::uint32_t concurrency) {
  std::vector<RoundOutputs> rounds;
  for (const Triple& triple : evidence.complete) {
    rounds.push_back({.round = triple.base->round,
                      .concurrency = concurrency,
                      .base = triple.base->tokens,
                      .copy = triple.copy->tokens,
                      .candidate = triple.candidate->tokens});
  }
  return compare_outputs(rounds);
}

// Why no verdict may be given, whatever the figures say.
std::string failed_precondition(const Evidence& evidence, const AnalysisOrder& order,
                                const std::optional<report::OutputComparison>& outputs) {
  constexpr double kMostLost = 0.1;
  if (!evidence.invalid_reasons.empty()) return evidence.invalid_reasons.front();
  if (evidence.lost_rounds > kMostLost * order.rounds) return "missing_rounds";
  const bool differs = outputs && outputs->different != 0 && outputs->repeat_different == 0;
  if (differs && order.same_output == SameOutput::require) return "outputs_differ";
  return {};
}

// gates: gets one entry for each gate metric.
CaseComparison compare_case(const Evidence& evidence, const scenario::Case& c,
                            const AnalysisOrder& order, std::vector<stats::Gate>& gates) {
  const std::uint32_t places = places_of(order);
  CaseComparison comparison;
  comparison.case_id = c.case_id;
  comparison.concurrency = c.concurrency;
  comparison.prompt_tokens = c.prompt_tokens;
  comparison.completion_tokens = c.completion_tokens;
  comparison.complete_rounds = static_cast<std::uint32_t>(evidence.complete.size());
  comparison.outputs = outputs_of(evidence, c.concurrency);
  const std::string invalid = failed_precondition(evidence, order, comparison.outputs);
  for (const Metric metric : order.gates) {
    MetricComparison gate = compare_metric(evidence, metric, places);
    add_notes(evidence, metric, places, gate);
    gates.push_back({.candidate = gate.effect, .repeat = gate.repeat, .invalid_reason = invalid});
    comparison.gates.push_back(std::move(gate));
  }
  for (std::size_t i = 0; i < kMetrics; ++i) {
    comparison.phases.push_back(compare_metric(evidence, static_cast<Metric>(i), places));
  }
  return comparison;
}

// verdicts: of all gates, in the order in which compare_case() made them.
void give_verdicts(const std::vector<stats::GateVerdict>& verdicts, double round_s,
                   std::vector<report::CandidateComparison>& candidates) {
  auto next = verdicts.begin();
  for (report::CandidateComparison& candidate : candidates) {
    for (CaseComparison& comparison : candidate.cases) {
      for (MetricComparison& gate : comparison.gates) {
        gate.verdict = *next++;
        if (round_s > 0 && gate.verdict->rounds_needed) {
          gate.minutes_needed = round_s * *gate.verdict->rounds_needed / 60;
        }
      }
    }
  }
}

}  // namespace

std::vector<report::CandidateComparison> analyse(std::span<const LaunchFigures> launches,
                                                 const AnalysisOrder& order) {
  const Launches found(launches);
  std::vector<report::CandidateComparison> result;
  std::vector<stats::Gate> gates;  // of the whole session: one correction for all
  for (std::uint32_t i = 0; i < order.candidates.size(); ++i) {
    report::CandidateComparison& candidate = result.emplace_back();
    candidate.name = order.candidates[i];
    for (const scenario::Case& c : order.plan) {
      const Evidence evidence = evidence_for(found, c.index, kFirstCandidate + i, order.rounds);
      candidate.cases.push_back(compare_case(evidence, c, order, gates));
    }
  }
  give_verdicts(stats::ab_verdicts(gates, order.thresholds, places_of(order), order.most_rounds),
                order.round_s, result);
  return result;
}

}  // namespace lmbench::ab
