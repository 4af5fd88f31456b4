// What an A/B session found, as plain values: what its table, CSV, JSON and Markdown are written
// from. An empty optional is "not available".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stats/ab_verdict.hpp"
#include "stats/paired_effect.hpp"

namespace lmbench::report {

// How a metric is compared. ratio: effects are of logarithms, shown in percent. difference: effects
// are in the metric's unit.
enum class Scale { ratio, difference };

// One metric of one case, candidate against base. Effects are gains: above 0 is better.
struct MetricComparison {
  std::string metric;  // "output_tok_s"
  std::string unit;    // "1/s"
  Scale scale = Scale::ratio;
  bool is_more_better = true;
  std::optional<double> base;       // median over the launches of base and copy
  std::optional<double> candidate;  // median over its launches
  std::optional<stats::Effect> effect;
  std::optional<stats::Effect> repeat;  // copy against base: its half-width is the noise floor
  std::optional<stats::GateVerdict> verdict;  // of gate metrics alone
  std::optional<double> minutes_needed;       // with the verdict's rounds_needed
  std::vector<std::string> notes;             // "place_effect", "trend", ...
};

// First token in which the candidate's output differs from the base's.
struct Divergence {
  std::uint32_t round = 0;  // of the session
  std::uint32_t sequence = 0;
  std::uint32_t position = 0;
};

struct OutputComparison {
  std::uint64_t sequences = 0;         // compared with the base
  std::uint64_t different = 0;         // of the candidate
  std::uint64_t repeat_sequences = 0;  // copy against base
  std::uint64_t repeat_different = 0;
  std::optional<Divergence> first;
};

struct CaseComparison {
  std::string case_id;
  std::uint32_t concurrency = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
  std::uint32_t complete_rounds = 0;
  std::vector<MetricComparison> gates;
  std::vector<MetricComparison> phases;  // where a change lies: load, prefill, decode, slope
  std::optional<OutputComparison> outputs;
};

struct CandidateComparison {
  std::string name;
  std::string plugin;
  std::string build_id;
  std::vector<CaseComparison> cases;
};

// Where a change lies is in `phases`; `gates` carry verdicts.
struct Comparison {
  std::string scenario;
  std::string base_name;
  std::string base_plugin;
  std::string base_build_id;
  std::uint32_t rounds = 0;  // run
  std::uint64_t seed = 0;
  std::string mode;            // "fresh" or "resident"
  bool is_same_build = false;  // --aa
  stats::Thresholds thresholds;
  std::vector<std::string> warnings;  // sentences about the session as a whole
  std::vector<CandidateComparison> candidates;
};

}  // namespace lmbench::report
