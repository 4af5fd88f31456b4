// SPDX-License-Identifier: Apache-2.0
#include "turbomind/sampling/token_choice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "turbomind/model/philox.hpp"
#include "turbomind/sampling/gumbel_noise.hpp"
#include "turbomind/sampling/nucleus.hpp"
#include "turbomind/sampling/score_order.hpp"

namespace turbomind {
namespace {

constexpr std::size_t kBlock = 256;  // tokens judged at once: a run of vector code
constexpr std::size_t kCalls = kBlock / kTokensPerCall;

std::uint32_t largest_key(std::span<const float> logits) {
  std::uint32_t largest = 0;
  for (const float logit : logits) largest = std::max(largest, score_key(logit));
  return largest;
}

// The first of the largest logits: a block is looked at again only if it holds a larger one.
Candidate largest_logit(std::span<const float> logits, std::int32_t first_token) {
  std::uint32_t best_key = 0;
  std::size_t best = 0;
  for (std::size_t begin = 0; begin < logits.size(); begin += kBlock) {
    const auto block = logits.subspan(begin, std::min(kBlock, logits.size() - begin));
    const std::uint32_t key = largest_key(block);
    if (key <= best_key) continue;
    best_key = key;
    const auto place = std::find_if(block.begin(), block.end(),
                                    [&](float logit) { return score_key(logit) == key; });
    best = begin + static_cast<std::size_t>(place - block.begin());
  }
  return {logits[best], first_token + static_cast<std::int32_t>(best)};
}

using Words = std::array<std::uint32_t, kBlock>;

// noise_words() of kCalls successive blocks.
void make_words(const Draw& draw, std::uint32_t first_call, Words& words) {
  PhiloxCounters<kCalls> counters{};
  for (std::uint32_t i = 0; i < kCalls; ++i) counters[0][i] = first_call + i;
  counters[1].fill(draw.position);
  philox_each(counters, philox_key(draw.sampling.seed));
  for (std::size_t i = 0; i < kCalls; ++i) {
    for (std::size_t w = 0; w < kTokensPerCall; ++w) words[i * kTokensPerCall + w] = counters[w][i];
  }
}

// No word above this has noise above `least`. A little too high rather than too low.
std::uint32_t largest_word_above(float least) {
  const double uniform = -std::expm1(-std::exp(-static_cast<double>(least)));
  const double word = uniform * (1 + 1e-5) * 0x1p32 + 1024;
  return word < 0x1p32 ? static_cast<std::uint32_t>(word) : ~0U;  // NaN: all words
}

// Noise is made only where it could lift the token above the best so far: two logarithms each would
// cost more than the rest.
Candidate largest_sum(std::span<const float> logits, std::int32_t first_token, const Draw& draw) {
  const auto score_of = [&](std::size_t index, std::uint32_t word) {
    return Candidate{draw.scaled(logits[index]) + gumbel_noise(word),
                     first_token + static_cast<std::int32_t>(index)};
  };
  const Candidate largest = largest_logit(logits, first_token);
  const float top = draw.scaled(largest.score);
  const auto top_token = static_cast<std::uint32_t>(largest.token);
  Candidate best =
      score_of(static_cast<std::size_t>(largest.token - first_token),
               noise_words(draw, top_token / kTokensPerCall)[top_token % kTokensPerCall]);
  const auto begin = static_cast<std::uint32_t>(first_token);
  const std::size_t end = begin + logits.size();
  Words words;
  for (std::size_t block = begin / kBlock * kBlock; block < end; block += kBlock) {
    make_words(draw, static_cast<std::uint32_t>(block / kTokensPerCall), words);
    const std::uint32_t limit = largest_word_above(best.score - top);
    for (std::size_t t = std::max<std::size_t>(block, begin); t < std::min(block + kBlock, end);
         ++t) {
      if (words[t - block] <= limit) best = better_of(best, score_of(t - begin, words[t - block]));
    }
  }
  return best;
}

}  // namespace

Candidate better_of(const Candidate& a, const Candidate& b) noexcept {
  if (a.token < 0) return b;
  if (b.token < 0) return a;
  const std::uint32_t a_key = score_key(a.score);
  const std::uint32_t b_key = score_key(b.score);
  if (a_key != b_key) return a_key > b_key ? a : b;
  return a.token < b.token ? a : b;
}

Candidate best_of_part(std::span<const float> logits, std::int32_t first_token,
                       const Draw& draw) noexcept {
  if (logits.empty()) return {};
  return draw.is_greedy() ? largest_logit(logits, first_token)
                          : largest_sum(logits, first_token, draw);
}

std::int32_t choose_token(std::span<const float> logits, const Draw& draw) noexcept {
  if (!draw.needs_all_logits()) return best_of_part(logits, 0, draw).token;
  const Nucleus nucleus = find_nucleus(logits, draw);
  Candidate best;
  std::uint32_t limit = ~0U;  // words above it cannot win any more
  for (std::size_t first = 0; first < logits.size(); first += kTokensPerCall) {
    const std::size_t end = std::min<std::size_t>(first + kTokensPerCall, logits.size());
    PhiloxCounter words{};
    bool has_words = false;
    for (std::size_t t = first; t < end; ++t) {
      const float scaled = draw.scaled(logits[t]);
      if (score_key(scaled) < nucleus.last_key) continue;
      if (!has_words) words = noise_words(draw, static_cast<std::uint32_t>(first / kTokensPerCall));
      has_words = true;
      const std::uint32_t word = words[t - first];
      if (word > limit) continue;
      const float shift = score_key(scaled) == nucleus.last_key ? nucleus.last_shift : 0.0F;
      const Candidate candidate{scaled + shift + gumbel_noise(word), static_cast<std::int32_t>(t)};
      best = better_of(best, candidate);
      if (best.token == candidate.token) limit = largest_word_above(best.score - nucleus.largest);
    }
  }
  return best.token;
}

}  // namespace turbomind
