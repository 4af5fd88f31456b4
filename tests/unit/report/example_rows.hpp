// Rows of a small run, for the tests of its reports.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/case_result_row.hpp"

namespace lmbench::test {

inline report::CaseResultRow ok_row() {
  report::CaseResultRow row;
  row.case_id = "01-b2-p8-r4";
  row.concurrency = 2;
  row.prompt_tokens = 8;
  row.completion_tokens = 4;
  row.config_hash = "c0ffee";
  row.engine_build_id = "b1d";
  row.tp = "1";
  row.round_mode = "closed";
  row.rounds = 3;
  row.prompts_sha256 = "5a5a";
  row.legacy =
      stats::LegacyFigures{.total_s = 0.246,
                           .throughput_tok_s = 24 / 0.246,
                           .first_token_latency = {.mean_s = 0.015, .min_s = 0.01, .max_s = 0.0204},
                           .total_token_latency = {.mean_s = 0.037, .min_s = 0.032, .max_s = 0.046},
                           .token_latency_s = {{0.006, 0.008, 0.014, 1}}};
  row.metrics.emplace();
  row.metrics->requests = 6;
  row.metrics->test_ns = 246e6;
  row.metrics->output_tok_s = 24 / 0.246;
  row.metrics->ftl = {.n = 6,
                      .n_eff = 5.5,
                      .mean = 15e6,
                      .min = 10e6,
                      .max = 20.4e6,
                      .percentiles = {},
                      .bounds = {}};
  row.metrics->step_gap = {.n = 18,
                           .n_eff = 12,
                           .mean = 22e6 / 3,
                           .min = 6e6,
                           .max = 14e6,
                           .percentiles = {6e6},
                           .bounds = {{{.low = 6e6, .high = 10e6}, {.low = 6e6, .high = {}}}}};
  row.metrics->submit_lag = {
      .n = 6, .n_eff = 6, .mean = 1234, .min = 1000, .max = 2000, .percentiles = {}, .bounds = {}};
  return row;
}

inline report::CaseResultRow crashed_row() {
  report::CaseResultRow row;
  row.case_id = "02-b4-p8-r4";
  row.concurrency = 4;
  row.prompt_tokens = 8;
  row.completion_tokens = 4;
  row.round_mode = "closed";
  row.rounds = 3;
  row.outcome = {run::Status::crash, "signal SIGSEGV, it said: \"no,\nnot me\""};
  row.flags = {"kv_overcommit", "no_prefill"};
  return row;
}

}  // namespace lmbench::test
