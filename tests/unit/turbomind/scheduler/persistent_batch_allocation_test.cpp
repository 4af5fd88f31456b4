// The steady decode loop is between two time stamps of a benchmark: it must not call the allocator.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "batch_run.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

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
  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) decode_once(batch, plan, sampled, deliveries);
  CHECK(allocations - before == 0);
  CHECK(deliveries.size() == 8);
}
