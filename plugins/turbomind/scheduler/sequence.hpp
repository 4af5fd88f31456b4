// One request as the scheduler sees it, and what it hands back: values only, no ABI type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind {

struct Sequence {
  std::uint64_t id = 0;
  std::vector<std::int32_t> prompt;  // at least one token
  std::uint32_t min_new_tokens = 0;
  std::uint32_t max_new_tokens = 1;       // at least 1
  std::vector<std::int32_t> stop_tokens;  // EOS among them unless it is ignored
  SamplingParameters sampling;
};

enum class SequenceEnd { none, length, stop, cancelled };

// News of one sequence: a token, its end, or both.
struct Delivery {
  std::uint64_t id = 0;
  std::uint64_t admitted_ns = 0;  // with the first delivery of a sequence that was admitted; else 0
  std::int32_t token = 0;
  bool has_token = false;
  bool is_first = false;
  SequenceEnd end = SequenceEnd::none;
};

}  // namespace turbomind
