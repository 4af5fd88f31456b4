// How one row of logits becomes a token: by its request's parameters, its seed and the place of the
// new token in its sequence, and by nothing else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind {

struct Draw {
  SamplingParameters sampling;
  std::uint32_t position = 0;  // of the new token, from 0

  constexpr bool is_greedy() const noexcept {
    return sampling.temperature == 0.0F || sampling.top_k == 1;
  }

  // Whether a part of the vocabulary cannot be judged without the rest.
  constexpr bool needs_all_logits() const noexcept {
    return !is_greedy() && (sampling.top_k > 0 || sampling.top_p < 1.0F);
  }

  // A logit after temperature, which 1 leaves as it is. 1e-6 as in the original.
  constexpr float scaled(float logit) const noexcept {
    return sampling.temperature == 1.0F ? logit : logit / (sampling.temperature + 1e-6F);
  }
};

}  // namespace turbomind
