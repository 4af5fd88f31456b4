// SPDX-License-Identifier: Apache-2.0
#include "turbomind/sampling/nucleus.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "logits.hpp"
#include "turbomind/sampling/score_order.hpp"

using namespace turbomind;
using namespace turbomind::test;

namespace {

// The tokens that stay, as the definition by sorting has them.
void check_set(const std::vector<float>& logits, const Draw& draw) {
  const std::vector<double> expected = probabilities(logits, draw);
  const Nucleus nucleus = find_nucleus(logits, draw);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const bool stays = score_key(draw.scaled(logits[i])) >= nucleus.last_key;
    if (stays != (expected[i] > 0)) ++wrong;
  }
  CAPTURE(draw.sampling.top_k);
  CAPTURE(draw.sampling.top_p);
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("scores keep their order as keys") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> ascending{-kInfinity, -3.5F, -1e-30F, 0.0F, 1e-30F, 2.0F, kInfinity};
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    CHECK(score_key(ascending[i - 1]) < score_key(ascending[i]));
  }
  CHECK(score_key(-0.0F) == score_key(0.0F));
}

TEST_CASE("top_k and top_p keep the same tokens as sorting does") {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const std::vector<float> logits = random_logits(3001, seed, static_cast<float>(seed));
    for (const std::int32_t top_k : {0, 2, 40, 1000, 1024}) {
      for (const float top_p : {1.0F, 0.97F, 0.8F, 0.31F, 0.003F}) {
        check_set(logits, make_draw(0.7F, top_p, top_k));
      }
    }
  }
}

TEST_CASE("logits that equal the last one stay too") {
  std::vector<float> logits = random_logits(500, 9, 1.0F);
  for (float& logit : logits) logit = std::round(logit * 2) / 2;  // many equal ones
  for (const std::int32_t top_k : {2, 10, 100}) {
    check_set(logits, make_draw(1.0F, 1.0F, top_k));
    check_set(logits, make_draw(1.0F, 0.5F, top_k));
  }
  const std::vector<float> equal(100, 2.5F);
  CHECK(find_nucleus(equal, make_draw(1.0F, 1.0F, 7)).last_key == score_key(2.5F));
  CHECK(find_nucleus(equal, make_draw(1.0F, 0.2F)).last_key == score_key(2.5F));
}

TEST_CASE("the last token of the nucleus keeps what is left of top_p") {
  // Masses 4, 2, 1, 1 of 8: 0.625 is 5, so the second keeps 1 of its 2.
  const std::vector<float> logits{std::log(4.0F), std::log(2.0F), 0.0F, 0.0F};
  const Nucleus nucleus = find_nucleus(logits, make_draw(1.0F, 0.625F));
  CHECK(nucleus.last_key == score_key(logits[1]));
  CHECK(nucleus.last_shift == doctest::Approx(std::log(0.5)).epsilon(1e-5));
  // 0.8125 is 6.5: half a mass is left for the two last ones.
  const Nucleus shared = find_nucleus(logits, make_draw(1.0F, 0.8125F));
  CHECK(shared.last_key == score_key(0.0F));
  CHECK(shared.last_shift == doctest::Approx(std::log(0.25)).epsilon(1e-5));
}

TEST_CASE("logits that are no numbers end the search all the same") {
  const std::vector<float> logits(10, std::numeric_limits<float>::quiet_NaN());
  CHECK(find_nucleus(logits, make_draw(1.0F, 0.5F, 3)).last_shift == 0.0F);
}
