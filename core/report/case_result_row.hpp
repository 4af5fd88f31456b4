// All that is known about one case when it has ended, as plain values: what every report of a run
// is written from. An empty optional is "not available".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/engine_stat.hpp"
#include "run/outcome.hpp"
#include "stats/case_metrics.hpp"
#include "stats/legacy_figures.hpp"
#include "stats/roofline_share.hpp"
#include "stats/round_figures.hpp"
#include "stats/telemetry_figures.hpp"

namespace lmbench::report {

struct CaseResultRow {
  std::string case_id;
  std::uint32_t concurrency = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;

  // Of a launch in an A/B session; without a value in a plain run.
  std::string variant;
  std::optional<std::uint32_t> ab_round;
  std::optional<std::uint32_t> ab_place;  // of the launch in its round

  std::string config_hash;
  run::Outcome outcome;
  std::string last_words;  // of the engine and its worker, on one line, where it is not ok
  std::string engine_build_id;
  std::string tp;  // as the scenario gave it
  std::string round_mode;
  std::optional<std::uint32_t> rounds;  // of the test, as planned; none: until it is narrow
  std::vector<std::string> flags;
  std::string prompts_sha256;

  std::optional<stats::LegacyFigures> legacy;
  std::optional<stats::CaseMetrics> metrics;
  std::optional<stats::RoundFigures> rounds_run;
  std::string stop_reason;  // why the test ended; empty: it did not run to its end
  stats::RooflineShare roofline;
  std::optional<double> device_memory_gib;  // per rank
  std::optional<double> load_s;
  std::optional<double> harness_share_percent;
  std::optional<std::uint64_t> mem_weights_bytes;
  std::optional<std::uint64_t> mem_kv_reserved_bytes;
  std::optional<std::uint64_t> mem_kv_peak_bytes;
  std::optional<std::uint64_t> mem_workspace_bytes;
  std::optional<std::uint64_t> rss_peak_bytes;
  std::vector<EngineStat> engine_stats;
  std::optional<stats::TelemetryFigures> telemetry;
};

// "coalesced no_prefill"
std::string flags_text(const CaseResultRow& row);

}  // namespace lmbench::report
