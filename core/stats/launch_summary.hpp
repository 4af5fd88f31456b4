// One number per metric for a whole launch of an engine in one case: what an A/B session compares.
// Medians here need no minimum sample: they are not shown as percentiles of a case, but are one
// observation among those of other launches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "stats/case_record.hpp"
#include "stats/decode_slope.hpp"

namespace lmbench::stats {

struct LaunchSummary {
  std::optional<double> output_tok_s;
  std::optional<double> prefill_tok_s;
  std::optional<double> decode_tok_s;
  std::optional<double> ftl_ns;       // median over requests
  std::optional<double> tpot_ns;      // median over requests
  std::optional<double> step_gap_ns;  // median over events
  std::optional<double> first_prefill_ns;
  std::optional<DecodeSlope> slope;
  // Standard error of ln(output_tok_s), from the rounds within: how well this launch knows itself.
  std::optional<double> within_error;
};

// Throws Error when the record contradicts itself.
LaunchSummary launch_summary(const CaseRecord& record);

}  // namespace lmbench::stats
