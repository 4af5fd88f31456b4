// Every figure of a case that follows from its record: the formulas of docs/metrics.md, once. Pure;
// from exact nanoseconds, in double precision; warm-up requests are never part of a figure but for
// first_prefill. An empty optional, or n = 0: not available.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/case_record.hpp"
#include "stats/distribution.hpp"

namespace lmbench::stats {

struct CaseMetrics {
  std::uint64_t requests = 0;  // of the test phase
  std::uint64_t output_tokens = 0;
  double test_ns = 0;  // first due to last end

  // Nanoseconds.
  Distribution queue_runner;  // accept - due
  Distribution queue_engine;  // admit - accept
  Distribution ftl;           // first token - due
  Distribution ftl_service;   // first token - submit
  Distribution prefill;       // first token - admit
  Distribution step_gap;      // between token events of a request
  Distribution token_gap;     // the same per token; n counts tokens
  Distribution tpot;          // (last - first token) / tokens after the first event
  Distribution latency;       // end - due
  Distribution submit_lag;    // submit - due
  Distribution delivery_lag;  // stamp - the engine's own stamp
  std::optional<double> first_prefill_ns;

  std::optional<double> tokens_per_event;
  std::optional<double> output_tok_s;
  std::optional<double> total_tok_s;
  std::optional<double> prefill_tok_s;  // barrier only, of rounds in which nobody queued
  std::optional<double> decode_tok_s;   // in the steady windows
  std::optional<double> steady_share;
  std::optional<double> mean_batch;
  std::optional<double> steady_mean_batch;
  std::optional<double> steady_step_ns;         // mean step_gap inside the steady windows
  std::optional<double> steady_context_tokens;  // mean length of a sequence in such a step
  std::optional<double> rate_mismatch_percent;  // see stats/rate_identity.hpp
  std::optional<double> request_s;
  std::optional<double> events_per_call;  // of on_events, warm-up included

  // Above 1 the gaps of tokens that came together are only a mean.
  bool is_coalesced() const noexcept { return tokens_per_event.value_or(1) > 1; }
};

// Throws Error when the record contradicts itself.
CaseMetrics case_metrics(const CaseRecord& record);

}  // namespace lmbench::stats
