// SPDX-License-Identifier: Apache-2.0
#include "ab/launch_figures.hpp"

#include <cmath>

namespace lmbench::ab {
namespace {

using report::Scale;

constexpr double kNsPerMs = 1e6;

// In the order of the enum.
constexpr std::array<MetricInfo, kMetrics> kInfos = {{
    {"output_tok_s", "1/s", Scale::ratio, true, true},
    {"ftl", "ms", Scale::ratio, false, true},
    {"tpot", "ms", Scale::ratio, false, true},
    {"load", "s", Scale::ratio, false, false},
    {"first_prefill", "ms", Scale::ratio, false, false},
    {"prefill_tok_s", "1/s", Scale::ratio, true, true},
    {"decode_tok_s", "1/s", Scale::ratio, true, true},
    {"step_gap", "ms", Scale::ratio, false, true},
    {"decode_constant", "ms", Scale::difference, false, false},
    {"decode_slope", "us per 1000 tokens", Scale::difference, false, false},
}};

}  // namespace

const MetricInfo& info_of(Metric metric) { return kInfos.at(static_cast<std::size_t>(metric)); }

std::optional<Metric> gate_metric(std::string_view id) {
  for (std::size_t i = 0; i < kInfos.size(); ++i) {
    if (kInfos[i].id == id && kInfos[i].can_be_gate) return static_cast<Metric>(i);
  }
  return std::nullopt;
}

std::string gate_metric_names() {
  std::string names;
  for (const MetricInfo& info : kInfos) {
    if (info.can_be_gate) names += (names.empty() ? "" : ", ") + std::string(info.id);
  }
  return names;
}

double gain_of(Metric metric, double value) {
  const MetricInfo& info = info_of(metric);
  const double size = info.scale == Scale::ratio ? std::log(value) : value;
  return info.is_more_better ? size : -size;
}

LaunchFigures figures_of(const stats::LaunchSummary& summary, std::optional<double> load_s) {
  const auto ms = [](const std::optional<double>& ns) {
    return ns ? std::optional(*ns / kNsPerMs) : std::nullopt;
  };
  LaunchFigures figures;
  const auto set = [&figures](Metric metric, const std::optional<double>& value) {
    figures.values.at(static_cast<std::size_t>(metric)) = value;
  };
  set(Metric::output_tok_s, summary.output_tok_s);
  set(Metric::ftl, ms(summary.ftl_ns));
  set(Metric::tpot, ms(summary.tpot_ns));
  set(Metric::load, load_s);
  set(Metric::first_prefill, ms(summary.first_prefill_ns));
  set(Metric::prefill_tok_s, summary.prefill_tok_s);
  set(Metric::decode_tok_s, summary.decode_tok_s);
  set(Metric::step_gap, ms(summary.step_gap_ns));
  if (summary.slope) {
    constexpr double kNsPerUs = 1e3;
    set(Metric::decode_constant, summary.slope->constant_ns / kNsPerMs);
    set(Metric::decode_slope, summary.slope->ns_per_kilotoken / kNsPerUs);
  }
  figures.within_error = summary.within_error;
  return figures;
}

}  // namespace lmbench::ab
