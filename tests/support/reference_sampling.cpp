// SPDX-License-Identifier: Apache-2.0
#include "reference_sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace lmbench::test {
namespace {

constexpr double kForbidden = -std::numeric_limits<double>::infinity();

// Token ids by descending logit, the lower id first among equals.
std::vector<std::uint32_t> ranking(std::span<const double> logits) {
  std::vector<std::uint32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0U);
  std::stable_sort(ids.begin(), ids.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return logits[a] > logits[b]; });
  return ids;
}

// Everything below the score of this rank goes; equals stay.
void cut_below(const std::vector<std::uint32_t>& order, std::size_t rank,
               std::vector<double>& scores) {
  const double least = scores[order[rank]];
  for (double& score : scores) {
    if (score < least) score = kForbidden;
  }
}

// Keeps the tokens whose mass, summed from the largest, first reaches top_p of the whole. Those at
// the edge share what is then left of top_p.
void cut_nucleus(const std::vector<std::uint32_t>& order, double top_p,
                 std::vector<double>& scores) {
  std::vector<double> mass(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    mass[i] = std::exp(scores[order[i]] - scores[order[0]]);
  }
  const double target = top_p * std::accumulate(mass.begin(), mass.end(), 0.0);
  double above = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    double own = 0;
    for (; end < order.size() && scores[order[end]] == scores[order[first]]; ++end) {
      own += mass[end];
    }
    if (above + own < target) {
      above += own;
      first = end;
      continue;
    }
    cut_below(order, first, scores);
    for (std::size_t i = first; i < end; ++i) {
      scores[order[i]] += std::log((target - above) / own);
    }
    return;
  }
}

bool is_greedy(const ReferenceSampling& sampling) {
  return sampling.temperature == 0 || sampling.top_k == 1;
}

Choice best_of(const std::vector<double>& scores) {
  const std::vector<std::uint32_t> order = ranking(scores);
  const double second = order.size() > 1 ? scores[order[1]] : kForbidden;
  return {static_cast<std::int32_t>(order[0]), scores[order[0]] - second};
}

Choice choose_with_noise(std::span<const double> logits, const ReferenceSampling& sampling,
                         const std::vector<double>& noise) {
  std::vector<double> scores(logits.begin(), logits.end());
  if (sampling.temperature != 1) {
    for (double& score : scores) score /= sampling.temperature + 1e-6;
  }
  const std::vector<std::uint32_t> order = ranking(scores);
  if (sampling.top_k > 0 && static_cast<std::size_t>(sampling.top_k) < scores.size()) {
    cut_below(order, static_cast<std::size_t>(sampling.top_k) - 1, scores);
  }
  if (sampling.top_p < 1) cut_nucleus(order, sampling.top_p, scores);
  for (std::size_t id = 0; id < scores.size(); ++id) scores[id] += noise[id];
  return best_of(scores);
}

std::vector<double> all_noise(std::size_t tokens, std::uint64_t seed, std::uint64_t position) {
  std::vector<double> noise;
  for (std::uint32_t id = 0; id < tokens; ++id) noise.push_back(gumbel_noise(seed, position, id));
  return noise;
}

void multiply(std::uint32_t factor, std::uint32_t word, std::uint32_t& high, std::uint32_t& low) {
  const std::uint64_t product = static_cast<std::uint64_t>(factor) * word;
  high = static_cast<std::uint32_t>(product / 0x100000000U);
  low = static_cast<std::uint32_t>(product % 0x100000000U);
}

}  // namespace

std::array<std::uint32_t, 4> philox_block(std::uint64_t key, std::array<std::uint32_t, 4> counter) {
  auto key0 = static_cast<std::uint32_t>(key);
  auto key1 = static_cast<std::uint32_t>(key / 0x100000000U);
  for (int round = 0; round < 10; ++round) {
    std::uint32_t high0 = 0;
    std::uint32_t low0 = 0;
    std::uint32_t high1 = 0;
    std::uint32_t low1 = 0;
    multiply(0xD2511F53U, counter[0], high0, low0);
    multiply(0xCD9E8D57U, counter[2], high1, low1);
    counter = {high1 ^ counter[1] ^ key0, low1, high0 ^ counter[3] ^ key1, low0};
    key0 += 0x9E3779B9U;  // the golden ratio
    key1 += 0xBB67AE85U;  // the square root of 3, less 1
  }
  return counter;
}

double gumbel_noise(std::uint64_t seed, std::uint64_t position, std::uint32_t token) {
  const auto words = philox_block(seed, {token / 4, static_cast<std::uint32_t>(position), 0, 0});
  const double u = (static_cast<double>(words[token % 4]) + 0.5) / 4294967296.0;
  return -std::log(-std::log1p(-u));
}

Choice choose(std::span<const double> logits, const ReferenceSampling& sampling,
              std::uint64_t position) {
  if (is_greedy(sampling)) return best_of({logits.begin(), logits.end()});
  return choose_with_noise(logits, sampling, all_noise(logits.size(), sampling.seed, position));
}

// Cuts make a choice depend on more than the lead, so some errors are tried besides: random ones,
// each logit off by up to the whole.
bool is_clear(std::span<const double> logits, const ReferenceSampling& sampling,
              std::uint64_t position, double error) {
  if (is_greedy(sampling)) return choose(logits, sampling, position).lead > 2 * error;
  const std::vector<double> noise = all_noise(logits.size(), sampling.seed, position);
  const Choice choice = choose_with_noise(logits, sampling, noise);
  if (choice.lead * sampling.temperature <= 2 * error) return false;
  constexpr int kTries = 32;
  std::mt19937_64 random(position);
  std::vector<double> tried(logits.size());
  for (int i = 0; i < kTries; ++i) {
    for (std::size_t id = 0; id < tried.size(); ++id) {
      const double unit = static_cast<double>(random() >> 11U) * 0x1p-52 - 1;
      tried[id] = logits[id] + error * unit;
    }
    if (choose_with_noise(tried, sampling, noise).token != choice.token) return false;
  }
  return true;
}

}  // namespace lmbench::test
