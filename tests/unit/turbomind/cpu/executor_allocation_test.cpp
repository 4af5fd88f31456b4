// A decode step is what the benchmark times: once the executor is loaded and its first step is over,
// it must not call the allocator.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "allocation_count.hpp"
#include "executor_run.hpp"
#include "turbomind/model/dummy_weights.hpp"

using namespace turbomind;

namespace {

class CountingSink final : public PassSink {
 public:
  void on_pass(const PassResult& result) noexcept override { tokens += result.tokens.size(); }
  std::size_t tokens = 0;
};

Architecture tiny_architecture() {
  Architecture model;
  model.head_num = 4;
  model.kv_head_num = 2;
  model.size_per_head = 16;
  model.hidden_size = 64;
  model.inter_size = 96;
  model.num_layer = 2;
  model.vocab_size = 300;
  model.norm_eps = 1e-5F;
  return model;
}

constexpr std::uint32_t kSlots = 20;  // beyond what the skinny product takes

// All slots decode; greedy, drawn and cut draws among them.
StepPlan joining_plan() {
  StepPlan plan;
  plan.number = 1;
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    SlotJoin& join = plan.joins.emplace_back();
    join.slot = slot;
    join.end_position = 60;
    if (slot % 3 != 0) join.sampling.temperature = 0.8F;
    if (slot % 3 == 2) join.sampling.top_p = 0.9F;
    plan.pages.push_back({.slot = slot, .pages = {slot}});
    plan.decode_slots.push_back(slot);
  }
  plan.decode_launches = 1;
  return plan;
}

void check_decode_steps(DataType type) {
  const auto communicators = make_thread_communicators(1);
  CountingSink sink;
  const auto executor = make_cpu_executor({.threads = 2}, *communicators[0], &sink);
  const DummyWeights weights(tiny_architecture(), type, 1);
  executor->load(weights, {.max_slots = kSlots,
                           .max_sequence_tokens = 64,
                           .max_prefill_tokens = 64,
                           .page_count = kSlots});
  StepPlan plan = joining_plan();
  executor->enqueue(plan);
  plan.joins.clear();
  plan.pages.clear();
  const std::uint64_t before = lmbench::test::allocation_count();
  for (plan.number = 2; plan.number < 40; ++plan.number) executor->enqueue(plan);
  CHECK(lmbench::test::allocation_count() - before == 0);
  CHECK(sink.tokens == 39 * kSlots);
}

}  // namespace

TEST_CASE("a decode step allocates nothing") {
  for (const DataType type : {DataType::fp32, DataType::fp16, DataType::bf16}) {
    check_decode_steps(type);
  }
}
