// The steady decode loop is between two time stamps of a benchmark: it must not call the allocator.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "allocation_count.hpp"
#include "batch_run.hpp"

using namespace turbomind;

namespace {

void decode_once(PersistentBatch& batch, StepPlan& plan, std::vector<SampledToken>& sampled,
                 std::vector<Delivery>& deliveries) {
  REQUIRE(batch.next_plan(1, plan));
  const bool is_prefill = !plan.prefills.empty();
  for (std::uint32_t i = 0; i < (is_prefill ? 1 : plan.decode_launches); ++i) {
    deliveries.clear();
    batch.on_pass({plan.number, 0, 0, is_prefill, sampled}, deliveries);
  }
}

}  // namespace

TEST_CASE("a decode step plans and delivers without an allocation") {
  PersistentBatch batch({.max_slots = 8, .max_prefill_tokens = 512, .block_count = 100});
  std::vector<SampledToken> sampled;
  for (std::uint32_t i = 0; i < 8; ++i) {
    batch.submit(make_sequence(i + 1, 10, 500));
    sampled.push_back({.slot = i, .token = 5, .is_stopped = false, .is_at_length = false});
  }
  StepPlan plan;
  std::vector<Delivery> deliveries;
  deliveries.reserve(8);
  decode_once(batch, plan, sampled, deliveries);  // the prefill
  decode_once(batch, plan, sampled, deliveries);  // scratch space grows to its size
  const std::uint64_t before = lmbench::test::allocation_count();
  for (int i = 0; i < 100; ++i) decode_once(batch, plan, sampled, deliveries);
  CHECK(lmbench::test::allocation_count() - before == 0);
  CHECK(deliveries.size() == 8);
}
