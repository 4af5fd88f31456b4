// The noise of the Gumbel-max choice: the token with the largest logit + noise is a draw from the
// softmax. Noise is a pure function of (seed, position, token), so a draw depends on no generator's
// state, no slot, no batch and no rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "turbomind/host_device.hpp"
#include "turbomind/model/philox.hpp"
#include "turbomind/sampling/draw.hpp"

namespace turbomind {

constexpr std::uint32_t kTokensPerCall = 4;  // of Philox: one per word

// The four random words of tokens [4 * block, 4 * block + 4).
constexpr PhiloxCounter noise_words(const Draw& draw, std::uint32_t block) {
  return philox({block, draw.position, 0, 0}, philox_key(draw.sampling.seed));
}

// No noise is larger.
constexpr float kMostNoise = 22.9F;

// Falls as the word rises: from 22.88 to minus infinity.
TURBOMIND_HOST_DEVICE inline float gumbel_noise(std::uint32_t word) {
  const float uniform = (static_cast<float>(word) + 0.5F) * 0x1p-32F;
  return -std::log(-std::log1p(-uniform));
}

}  // namespace turbomind
