// SPDX-License-Identifier: Apache-2.0
#include "run/prompts.hpp"

#include <algorithm>
#include <string>

#include "error.hpp"

namespace lmbench::run {
namespace {

// profile_generation.py of lmdeploy 0.1.0 draws from [0, 101), special ids among them.
constexpr std::uint32_t kLegacyIds = 101;

std::uint64_t state_of(std::uint64_t seed, std::uint64_t round, std::uint64_t sequence) noexcept {
  constexpr auto mix = SplitMix64::mix;
  return mix(mix(mix(seed) ^ round) ^ sequence);
}

std::uint32_t ids_of(const scenario::Prompts& prompts,
                     const std::optional<Vocabulary>& vocabulary) {
  std::optional<std::uint32_t> known = prompts.vocab_size;
  if (vocabulary && vocabulary->tokens != 0) {
    if (known && *known > vocabulary->tokens) {
      throw Error("prompts.vocab_size is " + std::to_string(*known) +
                  ", but the engine's vocabulary has " + std::to_string(vocabulary->tokens) +
                  " tokens");
    }
    if (!known) known = vocabulary->tokens;
  }
  if (prompts.kind == scenario::PromptKind::legacy) {
    if (known && *known < kLegacyIds) {
      throw Error("prompts.kind = \"legacy\" needs a vocabulary of at least " +
                  std::to_string(kLegacyIds) + " tokens, not " + std::to_string(*known));
    }
    return kLegacyIds;
  }
  if (!known) {
    throw Error("the engine does not tell its vocabulary; set prompts.vocab_size in the scenario");
  }
  return *known;
}

std::vector<std::int32_t> excluded_ids(const scenario::Prompts& prompts,
                                       const std::optional<Vocabulary>& vocabulary,
                                       std::uint32_t ids) {
  std::vector<std::int32_t> excluded = prompts.exclude;
  if (vocabulary && prompts.kind != scenario::PromptKind::legacy) {
    excluded.insert(excluded.end(), vocabulary->special.begin(), vocabulary->special.end());
  }
  std::erase_if(excluded, [ids](std::int32_t id) { return id < 0 || std::int64_t{id} >= ids; });
  std::sort(excluded.begin(), excluded.end());
  excluded.erase(std::unique(excluded.begin(), excluded.end()), excluded.end());
  return excluded;
}

}  // namespace

PromptMaker::PromptMaker(const scenario::Prompts& prompts,
                         const std::optional<Vocabulary>& vocabulary)
    : kind_(prompts.kind), seed_(prompts.seed) {
  const std::uint32_t ids = ids_of(prompts, vocabulary);
  const std::vector<std::int32_t> excluded = excluded_ids(prompts, vocabulary, ids);
  if (excluded.size() == ids) {
    throw Error("no token id is left for prompts: the vocabulary has " + std::to_string(ids) +
                " and all are special or in prompts.exclude");
  }
  allowed_ids_ = ids - excluded.size();
  allowed_below_excluded_.reserve(excluded.size());
  for (std::size_t i = 0; i < excluded.size(); ++i) {
    allowed_below_excluded_.push_back(static_cast<std::uint64_t>(excluded[i]) - i);
  }
}

void PromptMaker::fill(std::uint64_t round, std::uint64_t sequence,
                       std::span<std::int32_t> prompt) const {
  SplitMix64 random(is_shared() ? state_of(seed_, 0, 0) : state_of(seed_, round, sequence));
  for (std::int32_t& token : prompt) token = allowed_id(random.below(allowed_ids_));
}

std::uint64_t PromptMaker::sampling_seed(std::uint64_t round,
                                         std::uint64_t sequence) const noexcept {
  return SplitMix64::mix(~state_of(seed_, round, sequence));
}

// Each excluded id with no more than index allowed ones below it pushes the id up by one.
std::int32_t PromptMaker::allowed_id(std::uint64_t index) const noexcept {
  const auto above =
      std::upper_bound(allowed_below_excluded_.begin(), allowed_below_excluded_.end(), index);
  return static_cast<std::int32_t>(
      index + static_cast<std::uint64_t>(above - allowed_below_excluded_.begin()));
}

}  // namespace lmbench::run
