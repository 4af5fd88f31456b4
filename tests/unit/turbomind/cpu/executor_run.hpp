// Sequences through real executors, scheduler included: what they generate, by id.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "turbomind/cpu/cpu_executor.hpp"
#include "turbomind/rank_group.hpp"
#include "turbomind/scheduler/persistent_batch.hpp"
#include "turbomind/thread_communicator.hpp"

namespace turbomind::test {

using Tokens = std::vector<std::int32_t>;

struct RunOptions {
  std::uint32_t ranks = 1;
  std::uint32_t threads = 1;  // of each rank
  std::string isa = "auto";
  std::uint32_t max_slots = 16;
  std::uint32_t max_sequence_tokens = 512;
  std::uint32_t max_prefill_tokens = 1024;
  std::uint32_t pages = 256;
};

class ExecutorRun final : public PassSink {
 public:
  ExecutorRun(const WeightSource& weights, const RunOptions& options)
      : communicators_(make_thread_communicators(options.ranks)),
        group_(options.ranks, factory(options), this),
        batch_({.max_slots = options.max_slots,
                .max_prefill_tokens = options.max_prefill_tokens,
                .block_tokens = kPageTokens,
                .block_count = options.pages}) {
    group_.load(weights, {.max_slots = options.max_slots,
                          .max_sequence_tokens = options.max_sequence_tokens,
                          .max_prefill_tokens = options.max_prefill_tokens,
                          .page_count = options.pages});
  }

  // All at once; returns when all have ended.
  std::map<std::uint64_t, Tokens> generate(const std::vector<Sequence>& sequences) {
    tokens_.clear();
    for (const Sequence& sequence : sequences) batch_.submit(sequence);
    StepPlan plan;
    while (batch_.next_plan(1, plan)) group_.enqueue(plan);
    return tokens_;
  }

  MemoryUse memory_use() const { return group_.memory_use(); }

  void on_pass(const PassResult& result) noexcept override {
    std::vector<Delivery> deliveries;
    batch_.on_pass(result, deliveries);
    for (const Delivery& delivery : deliveries) {
      if (delivery.has_token) tokens_[delivery.id].push_back(delivery.token);
    }
  }
 private:
  ExecutorFactory factory(const RunOptions& options) {
    return [this, options](std::uint32_t rank, PassSink* sink) {
      return make_cpu_executor({.threads = options.threads, .isa = options.isa},
                               *communicators_[rank], sink);
    };
  }

  std::vector<std::unique_ptr<Communicator>> communicators_;
  RankGroup group_;
  PersistentBatch batch_;
  std::map<std::uint64_t, Tokens> tokens_;
};

// Greedy, no stop tokens.
inline Sequence make_sequence(std::uint64_t id, Tokens prompt, std::uint32_t new_tokens) {
  Sequence sequence;
  sequence.id = id;
  sequence.prompt = std::move(prompt);
  sequence.max_new_tokens = new_tokens;
  return sequence;
}

// A prompt of any length that is the same everywhere.
inline Tokens make_prompt(std::uint32_t length, std::uint32_t vocab_size, std::uint64_t seed) {
  Tokens prompt;
  std::uint64_t state = seed * 2654435761U + 1;
  for (std::uint32_t i = 0; i < length; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    prompt.push_back(static_cast<std::int32_t>((state >> 33U) % vocab_size));
  }
  return prompt;
}

}  // namespace turbomind::test
