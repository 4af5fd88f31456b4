// SPDX-License-Identifier: Apache-2.0
#include "turbomind/sampling/token_choice.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "logits.hpp"
#include "turbomind/sampling/gumbel_noise.hpp"

using namespace turbomind;
using namespace turbomind::test;

namespace {

// The definition, token by token.
std::int32_t largest_sum(const std::vector<float>& logits, const Draw& draw) {
  std::int32_t best = 0;
  float best_score = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const PhiloxCounter words = philox({static_cast<std::uint32_t>(i / 4), draw.position, 0, 0},
                                       philox_key(draw.sampling.seed));
    const float score = draw.scaled(logits[i]) + gumbel_noise(words[i % 4]);
    if (score <= best_score) continue;
    best_score = score;
    best = static_cast<std::int32_t>(i);
  }
  return best;
}

// Chi-squared of 1e5 draws against the definition by sorting, over its degrees of freedom. Tokens
// that are expected less than five times count together.
double chi_squared_per_degree(const std::vector<float>& logits, const Draw& parameters) {
  constexpr std::uint32_t kDraws = 100'000;
  const std::vector<double> expected = probabilities(logits, parameters);
  std::vector<std::uint32_t> drawn(logits.size());
  Draw draw = parameters;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    draw.sampling.seed = i / 1000;
    draw.position = i % 1000;
    ++drawn[static_cast<std::size_t>(choose_token(logits, draw))];
  }
  double sum = 0;
  double rest_expected = 0;
  double rest_drawn = 0;
  std::uint32_t cells = 0;
  const auto add_cell = [&](double wanted, double got) {
    sum += (got - wanted) * (got - wanted) / wanted;
    ++cells;
  };
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double wanted = expected[i] * kDraws;
    if (wanted == 0) CHECK(drawn[i] == 0);
    if (wanted < 5) {
      rest_expected += wanted;
      rest_drawn += drawn[i];
    } else {
      add_cell(wanted, drawn[i]);
    }
  }
  if (rest_expected >= 5) add_cell(rest_expected, rest_drawn);
  return sum / (cells - 1);
}

}  // namespace

TEST_CASE("greedy takes the largest logit, and of equal ones the first") {
  std::vector<float> logits = random_logits(5000, 3, 1.0F);
  const auto largest = std::max_element(logits.begin(), logits.end());
  CHECK(choose_token(logits, make_draw(0.0F)) == largest - logits.begin());
  CHECK(choose_token(logits, make_draw(0.9F, 1.0F, 1)) == largest - logits.begin());
  logits[17] = logits[18] = logits[4321] = *largest + 1;
  CHECK(choose_token(logits, make_draw(0.0F)) == 17);
  CHECK(choose_token(std::vector<float>(300, -0.0F), make_draw(0.0F)) == 0);
  std::vector<float> zeros(300, -0.0F);
  zeros[200] = 0.0F;
  CHECK(choose_token(zeros, make_draw(0.0F)) == 0);
}

TEST_CASE("a draw is the largest sum of logit and noise, whatever is skipped on the way") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const std::vector<float> logits =
        random_logits(1 + 17 * seed, seed, 0.2F + 0.02F * static_cast<float>(seed));
    const Draw draw = make_draw(seed % 3 == 0 ? 1.0F : 0.8F, 1.0F, 0, seed, seed * 7);
    CHECK(choose_token(logits, draw) == largest_sum(logits, draw));
  }
}

TEST_CASE("a vocabulary in parts gives the token of the whole") {
  const std::vector<float> logits = random_logits(2000, 5, 1.0F);
  for (const Draw& draw : {make_draw(0.0F), make_draw(1.0F), make_draw(1.3F, 1.0F, 0, 99, 12)}) {
    for (const std::size_t part : {std::size_t{1}, std::size_t{63}, std::size_t{700}}) {
      Candidate best;
      for (std::size_t begin = 0; begin < logits.size(); begin += part) {
        const auto piece = std::span(logits).subspan(begin, std::min(part, logits.size() - begin));
        const auto first = static_cast<std::int32_t>(begin);
        // In any order: the later ones first.
        best = better_of(best_of_part(piece, first, draw), best);
      }
      CHECK(best.token == choose_token(logits, draw));
    }
  }
}

TEST_CASE("draws follow the softmax of what temperature, top_k and top_p leave") {
  const std::vector<float> logits = random_logits(50, 11, 1.5F);
  std::vector<float> tied = logits;
  for (float& logit : tied) logit = std::round(logit);
  for (const Draw& draw : {make_draw(1.0F), make_draw(0.6F), make_draw(1.0F, 1.0F, 12),
                           make_draw(1.0F, 0.7F), make_draw(1.4F, 0.9F, 30)}) {
    CAPTURE(draw.sampling.temperature);
    CAPTURE(draw.sampling.top_k);
    CAPTURE(draw.sampling.top_p);
    // With ten degrees or more, 2.6 is passed once in four hundred; the draws are always the same.
    CHECK(chi_squared_per_degree(logits, draw) < 2.6);
    CHECK(chi_squared_per_degree(tied, draw) < 2.6);
  }
}

TEST_CASE("seed and position decide the draw, and nothing else does") {
  const std::vector<float> logits = random_logits(3000, 4, 0.3F);
  const std::int32_t token = choose_token(logits, make_draw(1.0F, 1.0F, 0, 5, 6));
  CHECK(choose_token(logits, make_draw(1.0F, 1.0F, 0, 5, 6)) == token);
  CHECK(choose_token(logits, make_draw(1.0F, 1.0F, 0, 5, 7)) != token);
  CHECK(choose_token(logits, make_draw(1.0F, 1.0F, 0, 6, 6)) != token);
  CHECK(choose_token(logits, make_draw(1.0F, 1.0F, 0, 5 + (1ULL << 32U), 6)) != token);
}

TEST_CASE("noise falls from 22.9 to minus infinity and never is NaN") {
  CHECK(gumbel_noise(0) == doctest::Approx(22.87).epsilon(1e-3));
  CHECK(gumbel_noise(0x80000000U) == doctest::Approx(0.3665).epsilon(1e-3));
  CHECK(gumbel_noise(~0U) == -std::numeric_limits<float>::infinity());
  float before = gumbel_noise(0);
  for (std::uint64_t word = 0; word <= 0xFFFFFFFFU; word += 0x123457U) {
    const float noise = gumbel_noise(static_cast<std::uint32_t>(word));
    CHECK(noise <= before);
    before = noise;
  }
}

TEST_CASE("logits that are no numbers still give a token of the vocabulary") {
  const std::vector<float> logits(40, std::numeric_limits<float>::quiet_NaN());
  for (const Draw& draw : {make_draw(0.0F), make_draw(1.0F), make_draw(1.0F, 0.5F, 3)}) {
    const std::int32_t token = choose_token(logits, draw);
    CHECK(token >= 0);
    CHECK(token < 40);
  }
}
