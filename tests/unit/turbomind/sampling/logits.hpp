// Rows of logits for the tests of sampling, and what a plain computation makes of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "turbomind/sampling/draw.hpp"

namespace turbomind::test {

inline std::vector<float> random_logits(std::size_t count, std::uint32_t seed, float spread) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, spread);
  std::vector<float> logits(count);
  for (float& logit : logits) logit = normal(random);
  return logits;
}

inline Draw make_draw(float temperature, float top_p = 1.0F, std::int32_t top_k = 0,
                      std::uint64_t seed = 1, std::uint32_t position = 0) {
  return {{.temperature = temperature, .top_p = top_p, .top_k = top_k, .seed = seed}, position};
}

// The probability of each token, by sorting, in double precision: temperature, top_k, top_p, and
// the last of the nucleus (with all that equal it) gets what is left of top_p.
inline std::vector<double> probabilities(const std::vector<float>& logits, const Draw& draw) {
  const std::size_t count = logits.size();
  std::vector<double> mass(count);
  const float largest = draw.scaled(*std::max_element(logits.begin(), logits.end()));
  for (std::size_t i = 0; i < count; ++i) mass[i] = std::exp(draw.scaled(logits[i]) - largest);
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  const auto group_end = [&](std::size_t begin) {
    std::size_t end = begin;
    while (end < count && logits[order[end]] == logits[order[begin]]) ++end;
    return end;
  };
  std::size_t kept = count;
  const auto top_k = static_cast<std::size_t>(draw.sampling.top_k);
  if (top_k > 0 && top_k < count) {
    kept = 0;
    while (kept < top_k) kept = group_end(kept);
  }
  double total = 0;
  for (std::size_t i = 0; i < kept; ++i) total += mass[order[i]];
  // All of it is all of it, whatever the order of the sum.
  double left = draw.sampling.top_p < 1.0F ? total * static_cast<double>(draw.sampling.top_p)
                                           : std::numeric_limits<double>::infinity();
  std::vector<double> result(count);
  for (std::size_t begin = 0; begin < kept && left > 0;) {
    const std::size_t end = group_end(begin);
    const double all = mass[order[begin]] * static_cast<double>(end - begin);
    const double taken = std::min(all, left) / static_cast<double>(end - begin);
    for (std::size_t i = begin; i < end; ++i) result[order[i]] = taken;
    left -= all;
    begin = end;
  }
  double sum = 0;
  for (const double p : result) sum += p;
  for (double& p : result) p /= sum;
  return result;
}

}  // namespace turbomind::test
