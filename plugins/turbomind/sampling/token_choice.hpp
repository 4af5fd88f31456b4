// The choice of the next token from logits. The definition that every backend shares: greedy takes
// the largest logit; otherwise logits are divided by the temperature, cut by top_k and then by top_p
// (nucleus.hpp), and the largest sum with the noise (gumbel_noise.hpp) wins. Equal scores: the
// lowest id.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "turbomind/sampling/draw.hpp"

namespace turbomind {

// The best token of a part of the vocabulary; parts are put together with better_of().
struct Candidate {
  float score = 0.0F;
  std::int32_t token = -1;  // -1: of no tokens
};

Candidate better_of(const Candidate& a, const Candidate& b) noexcept;

// Tokens [first_token, first_token + logits.size()). Not for draws that need all logits.
Candidate best_of_part(std::span<const float> logits, std::int32_t first_token,
                       const Draw& draw) noexcept;

// The whole vocabulary, any parameters.
std::int32_t choose_token(std::span<const float> logits, const Draw& draw) noexcept;

}  // namespace turbomind
