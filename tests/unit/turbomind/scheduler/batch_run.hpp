// A persistent batch together with the fake executor, driven by hand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "fake_executor.hpp"
#include "turbomind/scheduler/persistent_batch.hpp"

namespace turbomind {

constexpr std::uint32_t kFakeVocabSize = 1000;

class BatchRun final : public PassSink {
 public:
  explicit BatchRun(const BatchLimits& limits) : batch(limits), executor(kFakeVocabSize, this) {
    executor.set_limits({.max_slots = limits.max_slots,
                         .max_sequence_tokens = 1U << 20U,
                         .max_prefill_tokens = limits.max_prefill_tokens,
                         .page_count = limits.block_count * (limits.block_tokens / kPageTokens)});
  }

  // One plan and its passes; false when there was nothing to do.
  bool step() {
    if (!batch.next_plan(++now_ns, plan)) return false;
    executor.enqueue(parse_step_plan(serialise(plan)));
    return true;
  }

  void run() {
    while (step()) {
    }
  }

  void on_pass(const PassResult& result) noexcept override {
    const std::size_t before = deliveries.size();
    batch.on_pass(result, deliveries);
    for (std::size_t i = before; i < deliveries.size(); ++i) {
      const Delivery& delivery = deliveries[i];
      if (delivery.has_token) tokens[delivery.id].push_back(delivery.token);
      if (delivery.is_first) admitted.emplace_back(delivery.id, delivery.admitted_ns);
      if (delivery.end != SequenceEnd::none) ends[delivery.id].push_back(delivery.end);
    }
  }

  PersistentBatch batch;
  FakeExecutor executor;
  StepPlan plan;  // the last one
  std::uint64_t now_ns = 0;
  std::vector<Delivery> deliveries;
  std::map<std::uint64_t, std::vector<std::int32_t>> tokens;
  std::map<std::uint64_t, std::vector<SequenceEnd>> ends;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> admitted;  // id, time; by first delivery
};

// A prompt that no other id has.
inline Sequence make_sequence(std::uint64_t id, std::uint32_t prompt_tokens,
                              std::uint32_t max_new_tokens) {
  Sequence sequence;
  sequence.id = id;
  for (std::uint32_t i = 0; i < prompt_tokens; ++i) {
    sequence.prompt.push_back(static_cast<std::int32_t>((id * 131 + i * 7) % kFakeVocabSize));
  }
  sequence.min_new_tokens = max_new_tokens;
  sequence.max_new_tokens = max_new_tokens;
  return sequence;
}

inline std::vector<std::int32_t> alone(const Sequence& sequence) {
  return fake_generation(sequence.prompt, sequence.min_new_tokens, sequence.max_new_tokens,
                         sequence.stop_tokens, kFakeVocabSize);
}

}  // namespace turbomind
