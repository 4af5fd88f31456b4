// Which tokens top_k and then top_p leave, by a threshold on the logits after temperature. top_k
// keeps the k largest and whatever equals the last of them. top_p keeps the fewest of those that
// hold top_p of their mass; the last one keeps only what is left of top_p, as in the original, and
// equal ones share that alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "turbomind/host_device.hpp"
#include "turbomind/sampling/draw.hpp"

namespace turbomind {

struct Nucleus {
  float largest = 0.0F;        // of all, after temperature
  std::uint32_t last_key = 0;  // score_key() of the least logit, after temperature, that stays
  float last_shift = 0.0F;     // added to the logits that equal it: ln(what is left / own mass)
};

Nucleus find_nucleus(std::span<const float> logits, const Draw& draw) noexcept;

// The three formulas of top_p, which every backend shares. Masses are fixed-point integers, so that
// their sums do not depend on the order.

constexpr double kMassUnit = 0x1p40;  // the mass of the largest logit: room for 2^24 tokens

TURBOMIND_HOST_DEVICE inline std::uint64_t nucleus_mass(float scaled, float largest) {
  const double mass = static_cast<double>(std::exp(scaled - largest)) * kMassUnit;
  return mass > 0 ? static_cast<std::uint64_t>(mass) : 0;  // NaN: none
}

// The mass that the nucleus is to have, of that of all tokens.
TURBOMIND_HOST_DEVICE inline std::uint64_t nucleus_target(float top_p, std::uint64_t total) {
  const auto wanted =
      static_cast<std::uint64_t>(static_cast<double>(top_p) * static_cast<double>(total));
  const std::uint64_t least = wanted > 1 ? wanted : 1;
  return least < total ? least : total;
}

// Nucleus::last_shift, from the mass that is left for the last tokens and their own.
TURBOMIND_HOST_DEVICE inline float nucleus_shift(std::uint64_t left, std::uint64_t own) {
  return static_cast<float>(std::log(static_cast<double>(left) / static_cast<double>(own)));
}

}  // namespace turbomind
