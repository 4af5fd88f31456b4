// All requests of one case, made before its first stamp: prompts, ABI structs and the table that
// the event record refers to. Slot = round * concurrency + sequence, warm-up rounds first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <string>
#include <vector>

#include "run/prompts.hpp"
#include "scenario/plan.hpp"
#include "stats/case_record.hpp"

namespace lmbench::run {

struct Workload {
  std::uint32_t concurrency = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
  std::uint32_t warmup_rounds = 0;
  std::uint32_t test_rounds = 0;
  std::vector<std::int32_t> prompts;  // one after the other; one alone where it is shared
  std::vector<Request> requests;      // by slot; prompts point into the above, ids are not set
  std::vector<stats::RequestRecord> table;  // by slot; no stamps yet
  std::string prompts_sha256;  // of the token ids as little-endian int32, in slot order

  Workload() = default;
  Workload(Workload&&) = default;  // the views stay right: a moved vector keeps its memory
  Workload& operator=(Workload&&) = default;
};

// Requests of exactly completion_tokens, whatever the model would like to end with. Throws Error
// when the case has more requests than can be counted.
Workload make_workload(const scenario::Case& shape, const scenario::Measure& measure,
                       const scenario::Sampling& sampling, const PromptMaker& prompts);

// The one token of each step is the likeliest: temperature, top_p and seed do not matter.
bool is_greedy(const scenario::Sampling& sampling) noexcept;

// The fields of a request that come from the scenario.
void set_sampling(Request& request, const scenario::Sampling& sampling,
                  std::uint64_t seed) noexcept;

}  // namespace lmbench::run
