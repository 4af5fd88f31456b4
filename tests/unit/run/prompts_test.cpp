// Expected ids come from a separate implementation of the definition with Python's integers.
// SPDX-License-Identifier: Apache-2.0
#include "run/prompts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "error.hpp"

using namespace lmbench;
using run::kFirstWarmupRound;
using run::PromptMaker;
using run::Vocabulary;
using scenario::PromptKind;
using Ids = std::vector<std::int32_t>;

namespace {

Ids prompt_of(const PromptMaker& prompts, std::uint64_t round, std::uint64_t sequence,
              std::size_t tokens) {
  Ids prompt(tokens);
  prompts.fill(round, sequence, prompt);
  return prompt;
}

std::string refusal(const scenario::Prompts& prompts, const std::optional<Vocabulary>& vocabulary) {
  try {
    const PromptMaker made(prompts, vocabulary);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

const Vocabulary kLlama{32000, {0, 1, 2}};

}  // namespace

TEST_CASE("the generator is SplitMix64") {
  lmbench::SplitMix64 zero(0);
  CHECK(zero.next() == 0xe220a8397b1dcdafU);
  CHECK(zero.next() == 0x6e789e6aa1b965f4U);
  lmbench::SplitMix64 seeded(1234567);
  CHECK(seeded.next() == 6457827717110365317U);
  CHECK(seeded.next() == 3203168211198807973U);
}

TEST_CASE("a prompt follows from seed, round and sequence alone") {
  const PromptMaker zero({}, kLlama);
  CHECK(prompt_of(zero, 0, 0, 4) == Ids{28266, 13810, 848, 31068});
  const PromptMaker seven(
      {.kind = PromptKind::distinct, .seed = 7, .vocab_size = {}, .exclude = {}}, kLlama);
  CHECK(prompt_of(seven, 3, 5, 4) == Ids{27151, 20253, 3012, 16223});
  CHECK(prompt_of(seven, kFirstWarmupRound + 3, 5, 4) == Ids{1235, 18052, 26672, 11358});
  CHECK(prompt_of(seven, 3, 5, 4) == Ids{27151, 20253, 3012, 16223});
  CHECK(seven.sampling_seed(3, 5) == 0x40d76c8ed6e6707eU);
}

TEST_CASE("a longer prompt begins like a shorter one") {
  const PromptMaker prompts({}, kLlama);
  const Ids longer = prompt_of(prompts, 2, 1, 50);
  CHECK(Ids(longer.begin(), longer.begin() + 10) == prompt_of(prompts, 2, 1, 10));
}

TEST_CASE("special and excluded ids never appear, and all others do") {
  scenario::Prompts order;
  order.exclude = {7, 3, 3, -5, 99};  // twice, and outside of the vocabulary
  const PromptMaker prompts(order, Vocabulary{8, {0, 3}});
  CHECK(prompts.allowed_ids() == 5);
  const Ids many = prompt_of(prompts, 0, 0, 1000);
  CHECK(std::set<std::int32_t>(many.begin(), many.end()) == std::set<std::int32_t>{1, 2, 4, 5, 6});
}

TEST_CASE("rounds, sequences, seeds and warm-up have prompts of their own") {
  std::set<Ids> seen;
  for (const std::uint64_t seed : {0U, 1U}) {
    scenario::Prompts order;
    order.seed = seed;
    const PromptMaker prompts(order, kLlama);
    for (std::uint64_t round = 0; round < 3; ++round) {
      for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
        seen.insert(prompt_of(prompts, round, sequence, 8));
        seen.insert(prompt_of(prompts, round + kFirstWarmupRound, sequence, 8));
      }
    }
  }
  CHECK(seen.size() == 36);
}

TEST_CASE("kind same has one prompt and a sampling seed for each request") {
  scenario::Prompts order;
  order.kind = PromptKind::same;
  const PromptMaker prompts(order, kLlama);
  CHECK(prompts.is_shared());
  CHECK(prompt_of(prompts, 4, 2, 4) == Ids{28266, 13810, 848, 31068});
  CHECK(prompts.sampling_seed(4, 2) != prompts.sampling_seed(4, 3));
}

TEST_CASE("kind legacy draws one prompt from [0, 101), special ids included") {
  scenario::Prompts order;
  order.kind = PromptKind::legacy;
  const PromptMaker prompts(order, kLlama);
  CHECK(prompts.is_shared());
  CHECK(prompts.allowed_ids() == 101);
  CHECK(prompt_of(prompts, 9, 9, 6) == Ids{89, 43, 2, 98, 10, 33});
  CHECK(prompt_of(PromptMaker(order, std::nullopt), 0, 0, 6) == Ids{89, 43, 2, 98, 10, 33});
}

TEST_CASE("an unknown vocabulary names the key that tells it") {
  CHECK(refusal({}, std::nullopt).find("prompts.vocab_size") != std::string::npos);
  CHECK(refusal({}, Vocabulary{}).find("prompts.vocab_size") != std::string::npos);
  scenario::Prompts order;
  order.vocab_size = 100;
  CHECK(refusal(order, std::nullopt).empty());
  CHECK(PromptMaker(order, kLlama).allowed_ids() == 97);
}

TEST_CASE("a vocabulary that does not fit the prompts is refused") {
  scenario::Prompts too_large;
  too_large.vocab_size = 32001;
  CHECK(refusal(too_large, kLlama).find("32000") != std::string::npos);
  scenario::Prompts legacy;
  legacy.kind = PromptKind::legacy;
  CHECK(refusal(legacy, Vocabulary{100, {}}).find("101") != std::string::npos);
  scenario::Prompts all;
  all.exclude = {1};
  CHECK(refusal(all, Vocabulary{2, {0}}).find("no token id is left") != std::string::npos);
}
