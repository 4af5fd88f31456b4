// Where in a step the time goes: what a decode step costs at any context, and what each further
// token of context adds. The first is weights, products and launches, the second attention.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "stats/case_record.hpp"

namespace lmbench::stats {

struct DecodeSlope {
  double constant_ns = 0;       // of a step at context 0
  double ns_per_kilotoken = 0;  // added by 1000 tokens of context of each sequence
};

// Least squares over the medians of step_gap at each decode position of the test rounds; context =
// prompt plus the tokens before. Empty below three positions.
std::optional<DecodeSlope> decode_slope(const CaseRecord& record);

}  // namespace lmbench::stats
