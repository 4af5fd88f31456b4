// How long each step takes and which tokens come out: a pure function of options and history, so
// that two runs of one script are the same to the nanosecond.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/sim_options.hpp"

namespace lmbench::sim {

struct StepShape {
  std::uint64_t prefill_tokens = 0;
  std::uint64_t sequences = 0;
  std::uint64_t context_tokens = 0;      // of all sequences, before the step
  std::uint64_t admitted_sequences = 0;  // of all sequences, those that begin with this step
};

// SplitMix64's finaliser.
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

// Ids below this are special (unknown, BOS, EOS) and are never made.
constexpr std::uint32_t kSpecialTokens = 3;

// The token that follows `position` generated ones after a prompt with this hash.
std::int32_t token_at(std::uint64_t prompt_hash, std::uint32_t position,
                      std::uint32_t vocab_size) noexcept;

class StepScript {
 public:
  explicit StepScript(const SimOptions& options)
      : options_(options), random_state_(mix(options.seed + 1)) {}

  // The next step's length. round: how often the whole batch has been through, from 0.
  std::uint64_t next_step_ns(const StepShape& shape, std::uint64_t round) noexcept;
 private:
  double next_normal() noexcept;
  double next_jitter() noexcept;

  SimOptions options_;
  std::uint64_t random_state_;
  double jitter_ = 0.0;  // the last step's, in standard deviations
  bool has_jitter_ = false;
};

}  // namespace lmbench::sim
