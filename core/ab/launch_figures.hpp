// What one launch of one arm found in one case: one number for each metric. The launch is what is
// counted in an A/B session; what happened inside of it is already summed up here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/comparison.hpp"
#include "stats/launch_summary.hpp"

namespace lmbench::ab {

enum class Metric : std::uint32_t {
  output_tok_s,
  ftl,
  tpot,
  load,
  first_prefill,
  prefill_tok_s,
  decode_tok_s,
  step_gap,
  decode_constant,
  decode_slope,
};
constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::decode_slope) + 1;

struct MetricInfo {
  std::string_view id;
  std::string_view unit;  // in which it is shown and stored
  report::Scale scale;
  bool is_more_better;
  bool can_be_gate;
};

const MetricInfo& info_of(Metric metric);
// Of [ab] gate; empty for a name that is none.
std::optional<Metric> gate_metric(std::string_view id);
std::string gate_metric_names();  // "output_tok_s, ftl, ..."

// ln of a rate, -ln of a time; of a metric on the scale of differences minus its value.
double gain_of(Metric metric, double value);

using Tokens = std::vector<std::vector<std::int32_t>>;  // by slot: round * concurrency + sequence

struct LaunchFigures {
  std::uint32_t round = 0;  // of the session
  std::uint32_t arm = 0;    // 0: base, 1: its copy, then the candidates
  std::uint32_t place = 0;  // in the round
  std::uint32_t case_index = 0;
  std::string invalid_reason;  // why the launch may not count: "throttled"; empty: it counts
  std::array<std::optional<double>, kMetrics> values;
  std::optional<double> within_error;  // of ln(output_tok_s), from the rounds inside
  std::optional<double> clock_mhz;     // mean SM clock
  Tokens tokens;                       // empty where outputs are not compared

  const std::optional<double>& value(Metric metric) const {
    return values.at(static_cast<std::size_t>(metric));
  }
};

// The figures of a launch that counts; who and where it was is left to the caller.
LaunchFigures figures_of(const stats::LaunchSummary& summary, std::optional<double> load_s);

}  // namespace lmbench::ab
