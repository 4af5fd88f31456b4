// A radix search from the top: three passes that count by 11, 11 and 10 bits of the key.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/sampling/nucleus.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "turbomind/sampling/score_order.hpp"

namespace turbomind {
namespace {

struct Row {
  std::span<const float> logits;
  const Draw& draw;
  float largest;  // after temperature

  float scaled(std::size_t i) const { return draw.scaled(logits[i]); }
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
    return score_key(scaled) >= least_key ? nucleus_mass(scaled, row.largest) : 0;
  };
  const auto target_of = [&](std::uint64_t total) {
    return nucleus_target(row.draw.sampling.top_p, total);
  };
  const Group last = find_group(row, weight_of, target_of);
  if (last.target == 0) return {row.largest, least_key, 0.0F};  // logits that are no numbers
  return {row.largest, std::max(last.key, least_key),
          nucleus_shift(last.target - last.weight_above, last.weight)};
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
