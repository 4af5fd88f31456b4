// The reference's choice of tokens: published random numbers, frequencies against the softmax, and
// cuts that can be worked out by hand.
// SPDX-License-Identifier: Apache-2.0
#include "reference_sampling.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace lmbench::test;

namespace {

constexpr int kDraws = 40000;

std::vector<double> frequencies(const std::vector<double>& logits, ReferenceSampling sampling) {
  std::vector<int> counts(logits.size());
  for (int i = 0; i < kDraws; ++i) {
    sampling.seed = 1000 + static_cast<std::uint64_t>(i);
    counts[static_cast<std::size_t>(choose(logits, sampling, 7).token)] += 1;
  }
  std::vector<double> shares;
  for (const int count : counts) shares.push_back(static_cast<double>(count) / kDraws);
  return shares;
}

std::vector<double> logits_of(const std::vector<double>& masses) {
  std::vector<double> logits;
  for (const double mass : masses) logits.push_back(std::log(mass));
  return logits;
}

// Five standard deviations of a count of kDraws.
void check_close(const std::vector<double>& found, const std::vector<double>& wanted) {
  REQUIRE(found.size() == wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double deviation = std::sqrt(wanted[i] * (1 - wanted[i]) / kDraws);
    CHECK(std::abs(found[i] - wanted[i]) <= 5 * deviation);
  }
}

}  // namespace

TEST_CASE("the reference's Philox gives the published vectors of Random123") {
  using Words = std::array<std::uint32_t, 4>;
  CHECK(philox_block(0, {0, 0, 0, 0}) == Words{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U});
  CHECK(philox_block(~0ULL, {~0U, ~0U, ~0U, ~0U}) ==
        Words{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU});
  CHECK(philox_block(0x299f31d0a4093822ULL, {0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}) ==
        Words{0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U});
}

TEST_CASE("greedy takes the largest logit, the lowest id among equals, and says by how much") {
  const std::vector<double> logits{0.5, 2, -1, 2, 1};
  CHECK(choose(logits, {}, 3).token == 1);
  CHECK(choose(logits, {}, 3).lead == 0);
  const std::vector<double> clear{0.5, 1, -1, 2};
  CHECK(choose(clear, {}, 3).token == 3);
  CHECK(choose(clear, {}, 3).lead == 1);
  CHECK(choose(clear, {.temperature = 5, .top_k = 1, .seed = 9}, 3).token == 3);
}

TEST_CASE("over many seeds tokens come with the probabilities of the softmax") {
  const std::vector<double> masses{0.4, 0.05, 0.25, 0.3};
  check_close(frequencies(logits_of(masses), {.temperature = 1}), masses);
}

TEST_CASE("a temperature of one half squares the probabilities") {
  const std::vector<double> masses{0.5, 0.3, 0.2};
  const double sum = 0.25 + 0.09 + 0.04;
  check_close(frequencies(logits_of(masses), {.temperature = 0.5}),
              {0.25 / sum, 0.09 / sum, 0.04 / sum});
}

TEST_CASE("top_k keeps the k largest, and those equal to the last of them") {
  check_close(frequencies(logits_of({0.4, 0.1, 0.3, 0.2}), {.temperature = 1, .top_k = 2}),
              {0.4 / 0.7, 0, 0.3 / 0.7, 0});
  check_close(frequencies(logits_of({0.4, 0.2, 0.2, 0.2}), {.temperature = 1, .top_k = 2}),
              {0.4, 0.2, 0.2, 0.2});
}

TEST_CASE("top_p keeps the nucleus, whose last token gets what is left, ties equally") {
  check_close(frequencies(logits_of({0.1, 0.5, 0.15, 0.25}), {.temperature = 1, .top_p = 0.6}),
              {0, 0.5 / 0.6, 0, 0.1 / 0.6});
  check_close(frequencies(logits_of({0.5, 0.2, 0.2, 0.1}), {.temperature = 1, .top_p = 0.8}),
              {0.5 / 0.8, 0.15 / 0.8, 0.15 / 0.8, 0});
  check_close(frequencies(logits_of({0.5, 0.3, 0.2}), {.temperature = 1, .top_p = 0.1}), {1, 0, 0});
}

TEST_CASE("top_p is a share of what top_k has left") {
  // Left are 0.5 and 0.3; 0.75 of 0.8 is 0.6, of which 0.1 remain for the second.
  check_close(
      frequencies(logits_of({0.5, 0.3, 0.2}), {.temperature = 1, .top_k = 2, .top_p = 0.75}),
      {0.5 / 0.6, 0.1 / 0.6, 0});
}

TEST_CASE("noise depends on seed, position and token, and on nothing else") {
  CHECK(gumbel_noise(1, 2, 3) == gumbel_noise(1, 2, 3));
  CHECK(gumbel_noise(1, 2, 3) != gumbel_noise(2, 2, 3));
  CHECK(gumbel_noise(1, 2, 3) != gumbel_noise(1, 3, 3));
  CHECK(gumbel_noise(1, 2, 3) != gumbel_noise(1, 2, 4));
  CHECK(gumbel_noise(1, 2, 3) != gumbel_noise(1ULL << 32U, 2, 3));
}

TEST_CASE("a greedy choice is clear when the lead is more than two errors") {
  const std::vector<double> logits{1, 2, 2.5};
  CHECK(is_clear(logits, {}, 0, 0.24));
  CHECK(!is_clear(logits, {}, 0, 0.26));
}

TEST_CASE("a sampled choice at a cut is clear only against smaller errors than the gap there") {
  const std::vector<double> logits{1.0, 0.9, 0.5, -5};
  int winners_at_the_cut = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const ReferenceSampling sampling{.temperature = 1, .top_k = 2, .seed = seed};
    const Choice choice = choose(logits, sampling, 0);
    if (choice.token != 1 || choice.lead < 0.5) continue;
    ++winners_at_the_cut;
    CHECK(is_clear(logits, sampling, 0, 0.1));
    CHECK(!is_clear(logits, sampling, 0, 2));
  }
  CHECK(winners_at_the_cut > 10);
}
