// SPDX-License-Identifier: Apache-2.0
#include "reference_sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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

// What may still be drawn: the scores before noise, and how clear the cuts were.
struct Candidates {
  std::vector<double> scores;
  double margin = std::numeric_limits<double>::infinity();
  // Those at the edge of the nucleus: an error of all masses moves what is left for them by so
  // many times as much.
  double edge_score = kForbidden;  // after the cut, before noise
  double edge_error = 1;

  // Everything below the logit of this rank goes; equals stay.
  void cut_below(const std::vector<std::uint32_t>& order, std::size_t rank) {
    const double least = scores[order[rank]];
    for (std::size_t i = rank + 1; i < order.size(); ++i) {
      double& score = scores[order[i]];
      if (score == least || score == kForbidden) continue;
      margin = std::min(margin, least - score);
      score = kForbidden;
    }
  }
};

// The candidates whose mass, summed from the largest, first reaches top_p of the whole. Those at
// the edge share what is then left of top_p.
void cut_nucleus(const std::vector<std::uint32_t>& order, double top_p, Candidates& candidates) {
  std::vector<double>& scores = candidates.scores;
  std::vector<double> mass(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    mass[i] = std::exp(scores[order[i]] - scores[order[0]]);
  }
  const double target = top_p * std::accumulate(mass.begin(), mass.end(), 0.0);
  double above = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    double own = 0;
    for (; end < order.size() && scores[order[end]] == scores[order[first]]; ++end)
      own += mass[end];
    if (above + own < target) {
      above += own;
      first = end;
      continue;
    }
    const double edge = scores[order[first]];
    if (first > 0) {
      candidates.margin = std::min(candidates.margin, scores[order[first - 1]] - edge);
    }
    candidates.cut_below(order, first);
    candidates.edge_score = edge + std::log((target - above) / own);
    candidates.edge_error = std::max(1.0, target / (target - above));
    for (std::size_t i = first; i < end; ++i) scores[order[i]] = candidates.edge_score;
    return;
  }
}

// The winner by the scores given, which are those of the candidates, perhaps with noise.
Choice best_of(const std::vector<double>& scores, const Candidates& candidates) {
  const std::vector<std::uint32_t> order = ranking(scores);
  if (order.size() == 1) return {0, candidates.margin};
  double lead = scores[order[0]] - scores[order[1]];
  for (const std::uint32_t id : {order[0], order[1]}) {
    if (candidates.scores[id] == candidates.edge_score) lead /= candidates.edge_error;
  }
  return {static_cast<std::int32_t>(order[0]), std::min(lead, candidates.margin)};
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
  Candidates candidates;
  std::vector<double>& scores = candidates.scores;
  scores.assign(logits.begin(), logits.end());
  if (sampling.temperature == 0 || sampling.top_k == 1) return best_of(scores, candidates);
  if (sampling.temperature != 1) {
    for (double& score : scores) score /= sampling.temperature + 1e-6;
  }
  const std::vector<std::uint32_t> order = ranking(scores);
  if (sampling.top_k > 0 && static_cast<std::size_t>(sampling.top_k) < scores.size()) {
    candidates.cut_below(order, static_cast<std::size_t>(sampling.top_k) - 1);
  }
  if (sampling.top_p < 1) cut_nucleus(order, sampling.top_p, candidates);
  std::vector<double> noisy = scores;
  for (std::uint32_t id = 0; id < noisy.size(); ++id) {
    noisy[id] += gumbel_noise(sampling.seed, position, id);
  }
  return best_of(noisy, candidates);
}

}  // namespace lmbench::test
