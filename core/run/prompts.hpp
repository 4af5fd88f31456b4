// Prompts as a pure function of seed, round and sequence: the same on every machine, new in each
// round, and never a special token. What follows from them, such as sampling seeds, too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scenario/scenario.hpp"
#include "split_mix_64.hpp"

namespace lmbench::run {

// Warm-up rounds are counted from here, so that no test prompt has been seen before.
constexpr std::uint64_t kFirstWarmupRound = std::uint64_t{1} << 32U;

// What an engine says of its token ids; prompts keep to it.
struct Vocabulary {
  std::uint32_t tokens = 0;           // ids are 0 ... tokens - 1
  std::vector<std::int32_t> special;  // begin and end of text, padding, unknown: not for prompts
};

class PromptMaker {
 public:
  // vocabulary: empty when the engine does not tell. Throws Error when prompts cannot be made.
  PromptMaker(const scenario::Prompts& prompts, const std::optional<Vocabulary>& vocabulary);

  // One prompt serves all requests.
  bool is_shared() const noexcept { return kind_ != scenario::PromptKind::distinct; }

  // sequence: the place in the round, or the client.
  void fill(std::uint64_t round, std::uint64_t sequence, std::span<std::int32_t> prompt) const;
  // Differs from request to request even where the prompt does not.
  std::uint64_t sampling_seed(std::uint64_t round, std::uint64_t sequence) const noexcept;

  // How many ids prompts are drawn from.
  std::uint64_t allowed_ids() const noexcept { return allowed_ids_; }
 private:
  std::int32_t allowed_id(std::uint64_t index) const noexcept;

  scenario::PromptKind kind_;
  std::uint64_t seed_;
  std::uint64_t allowed_ids_ = 0;
  // For each excluded id, in ascending order: how many allowed ones are below it.
  std::vector<std::uint64_t> allowed_below_excluded_;
};

}  // namespace lmbench::run
