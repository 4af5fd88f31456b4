// All requests of one phase of a case, made before its first stamp: prompts, ABI structs and the
// table that the event record refers to. Slot = (round - first round) * concurrency + sequence.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <string>
#include <vector>

#include "run/prompts.hpp"
#include "scenario/plan.hpp"
#include "sha256.hpp"
#include "stats/case_record.hpp"

namespace lmbench::run {

// Rounds of one kind and length, with nothing in flight before the first and after the last.
struct Phase {
  bool is_warmup = false;
  std::uint32_t first_round = 0;
  std::uint32_t rounds = 0;             // at most: it may end before
  std::uint32_t completion_tokens = 0;  // of each request
};

struct Workload {
  std::uint32_t concurrency = 0;
  std::uint32_t completion_tokens = 0;
  std::uint32_t rounds = 0;
  std::vector<std::int32_t> prompts;  // one after the other; one alone where it is shared
  std::vector<Request> requests;      // by slot; prompts point into the above, ids are not set
  std::vector<stats::RequestRecord> table;  // by slot; no stamps yet

  Workload() = default;
  Workload(Workload&&) = default;  // the views stay right: a moved vector keeps its memory
  Workload& operator=(Workload&&) = default;
};

// Throws Error when the phase has more requests than can be recorded.
void require_recordable(const scenario::Case& shape, const Phase& phase);

// Requests of exactly phase.completion_tokens, whatever the model would like to end with. Throws as
// require_recordable() does, before it takes any memory.
Workload make_workload(const scenario::Case& shape, const Phase& phase,
                       const scenario::Sampling& sampling, const PromptMaker& prompts);

// The most rounds that can be recorded.
std::uint64_t most_rounds(const scenario::Case& shape, std::uint32_t completion_tokens) noexcept;

// The prompts of all requests that were due, in slot order, as little-endian int32.
void hash_prompts(const Workload& load, Sha256& sum);

// The one token of each step is the likeliest: temperature, top_p and seed do not matter.
bool is_greedy(const scenario::Sampling& sampling) noexcept;

// The fields of a request that come from the scenario.
void set_sampling(Request& request, const scenario::Sampling& sampling,
                  std::uint64_t seed) noexcept;

}  // namespace lmbench::run
