// A radix search from the top: three passes that count by 11, 11 and 10 bits of the key. Masses are
// fixed-point integers, so that their sums do not depend on the order.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/sampling/nucleus.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "turbomind/sampling/score_order.hpp"

namespace turbomind {
namespace {

constexpr double kMassUnit = 0x1p40;  // the mass of the largest logit: room for 2^24 tokens

struct Row {
  std::span<const float> logits;
  const Draw& draw;
  float largest;  // after temperature

  float scaled(std::size_t i) const { return draw.scaled(logits[i]); }
  std::uint64_t mass_of(float scaled_logit) const {
    const double mass = static_cast<double>(std::exp(scaled_logit - largest)) * kMassUnit;
    return mass > 0 ? static_cast<std::uint64_t>(mass) : 0;  // NaN: none
  }
};

// Tokens of equal key, what they and those above weigh, and what was asked for.
struct Group {
  std::uint32_t key = 0;
  std::uint64_t target = 0;
  std::uint64_t weight_above = 0;
  std::uint64_t weight = 0;
};

// The largest key such that it and those above weigh at least target_of(total weight).
template <class Weight, class Target>
Group find_group(const Row& row, Weight weight_of, Target target_of) {
  struct Step {
    std::uint32_t shift;
    std::uint32_t bits;
  };
  std::array<std::uint64_t, 2048> weights;
  Group group;
  std::uint64_t target = 0;
  std::uint32_t known = 0;  // mask of the bits that are decided
  for (const Step step : {Step{21, 11}, Step{10, 11}, Step{0, 10}}) {
    weights.fill(0);
    const std::uint32_t digits = (1U << step.bits) - 1;
    for (std::size_t i = 0; i < row.logits.size(); ++i) {
      const float scaled = row.scaled(i);
      const std::uint32_t key = score_key(scaled);
      if ((key & known) == group.key) weights[(key >> step.shift) & digits] += weight_of(scaled);
    }
    if (known == 0) {
      target = target_of(std::accumulate(weights.begin(), weights.end(), std::uint64_t{0}));
    }
    std::uint32_t digit = digits;
    while (digit > 0 && group.weight_above + weights[digit] < target) {
      group.weight_above += weights[digit--];
    }
    group.key |= digit << step.shift;
    group.weight = weights[digit];
    known |= digits << step.shift;
  }
  group.target = target;
  return group;
}

std::uint32_t key_of_top_k(const Row& row, std::uint64_t top_k) {
  if (top_k == 0 || top_k >= row.logits.size()) return 0;
  return find_group(
             row, [](float) -> std::uint64_t { return 1; }, [&](std::uint64_t) { return top_k; })
      .key;
}

Nucleus cut_by_mass(const Row& row, std::uint32_t least_key) {
  const auto weight_of = [&](float scaled) -> std::uint64_t {
    return score_key(scaled) >= least_key ? row.mass_of(scaled) : 0;
  };
  const auto target_of = [&](std::uint64_t total) {
    const double wanted = static_cast<double>(row.draw.sampling.top_p) * static_cast<double>(total);
    return std::min(std::max<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1), total);
  };
  const Group last = find_group(row, weight_of, target_of);
  if (last.target == 0) return {row.largest, least_key, 0.0F};  // logits that are no numbers
  const double left = static_cast<double>(last.target - last.weight_above);
  const double shift = std::log(left / static_cast<double>(last.weight));
  return {row.largest, std::max(last.key, least_key), static_cast<float>(shift)};
}

}  // namespace

Nucleus find_nucleus(std::span<const float> logits, const Draw& draw) noexcept {
  std::uint32_t largest = 0;
  float largest_logit = logits[0];
  for (const float logit : logits) {
    if (score_key(logit) <= largest) continue;
    largest = score_key(logit);
    largest_logit = logit;
  }
  const Row row{logits, draw, draw.scaled(largest_logit)};
  const auto top_k = static_cast<std::uint64_t>(std::max(draw.sampling.top_k, 0));
  const std::uint32_t least_key = key_of_top_k(row, top_k);
  return draw.sampling.top_p < 1.0F ? cut_by_mass(row, least_key)
                                    : Nucleus{row.largest, least_key, 0.0F};
}

}  // namespace turbomind
