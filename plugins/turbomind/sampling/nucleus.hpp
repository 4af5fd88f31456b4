// Which tokens top_k and then top_p leave, by a threshold on the logits after temperature. top_k
// keeps the k largest and whatever equals the last of them. top_p keeps the fewest of those that
// hold top_p of their mass; the last one keeps only what is left of top_p, as in the original, and
// equal ones share that alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "turbomind/sampling/draw.hpp"

namespace turbomind {

struct Nucleus {
  float largest = 0.0F;        // of all, after temperature
  std::uint32_t last_key = 0;  // score_key() of the least logit, after temperature, that stays
  float last_shift = 0.0F;     // added to the logits that equal it: ln(what is left / own mass)
};

Nucleus find_nucleus(std::span<const float> logits, const Draw& draw) noexcept;

}  // namespace turbomind
