// What a rank remembers of each sequence between plans: its page table, its next token and when it
// ends. Every rank has the same table, as every rank sees the same plans and the same tokens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "turbomind/executor.hpp"
#include "turbomind/scheduler/pass.hpp"
#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind {

class SlotTable {
 public:
  // Takes room for everything that a decode step needs.
  SlotTable(const ExecutorLimits& limits, std::uint32_t vocab_size);

  // Joins and pages of the plan. Throws Error(internal) for a plan that cannot be.
  void apply(const StepPlan& plan);

  // The rows of decode_slots that have not ended: perhaps none.
  void plan_decode(const StepPlan& plan, Pass& pass) const;
  void plan_prefill(const StepPlan& plan, Pass& pass) const;

  // Pages in the table of a slot.
  std::uint32_t page_count(std::uint32_t slot) const noexcept {
    return static_cast<std::uint32_t>(slots_[slot].pages.size());
  }

  // Takes the token that was sampled for a slot at a position.
  SampledToken take(std::uint32_t slot, std::uint32_t position, std::int32_t token);
 private:
  struct Slot {
    SlotJoin state;  // next_token and next_position move on
    std::vector<std::uint32_t> pages;
    bool is_live = false;  // joined and not ended
  };

  const Slot& live_slot(std::uint32_t index) const;
  void add_run(std::uint32_t index, std::uint32_t first_position, std::uint32_t rows, bool samples,
               Pass& pass) const;

  ExecutorLimits limits_;
  std::uint32_t vocab_size_;
  std::vector<Slot> slots_;
};

}  // namespace turbomind
