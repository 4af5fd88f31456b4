// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/slot_table.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>
#include <string>

namespace turbomind {
namespace {

// A plan that breaks its contract is our own mistake, but must not reach into foreign memory.
void require(bool holds, const char* what) {
  if (holds) return;
  throw lmbench::sdk::Error(lmbench::Code::internal, std::string("a step plan ") + what);
}

}  // namespace

SlotTable::SlotTable(const ExecutorLimits& limits, std::uint32_t vocab_size)
    : limits_(limits), vocab_size_(vocab_size), slots_(limits.max_slots) {
  for (Slot& slot : slots_) slot.pages.reserve(limits.max_sequence_tokens / kPageTokens + 1);
}

void SlotTable::apply(const StepPlan& plan) {
  for (const SlotJoin& join : plan.joins) {
    require(join.slot < slots_.size(), "has a slot beyond max_slots");
    Slot& slot = slots_[join.slot];
    slot.state = join;
    slot.pages.clear();
    slot.is_live = true;
  }
  for (const PagesAdded& added : plan.pages) {
    require(added.slot < slots_.size(), "has pages for a slot beyond max_slots");
    for (const std::uint32_t page : added.pages) {
      require(page < limits_.page_count, "has a page that the KV pool does not have");
      slots_[added.slot].pages.push_back(page);
    }
  }
}

const SlotTable::Slot& SlotTable::live_slot(std::uint32_t index) const {
  require(index < slots_.size(), "works on a slot beyond max_slots");
  require(!slots_[index].pages.empty(), "works on a slot without pages");
  return slots_[index];
}

void SlotTable::add_run(std::uint32_t index, std::uint32_t first_position, std::uint32_t rows,
                        bool samples, Pass& pass) const {
  const Slot& slot = live_slot(index);
  const std::uint64_t end = std::uint64_t{first_position} + rows;
  require(end <= slot.pages.size() * std::uint64_t{kPageTokens}, "has positions without a page");
  require(end <= limits_.max_sequence_tokens, "goes beyond max_sequence_tokens");
  const std::uint32_t first_row = pass.rows() - rows;
  pass.runs.push_back({first_row, rows, first_position, slot.pages.data(), index});
  if (!samples) return;
  const auto position = static_cast<std::uint32_t>(end);
  pass.samples.push_back({pass.rows() - 1, index, {slot.state.sampling, position}});
}

void SlotTable::plan_decode(const StepPlan& plan, Pass& pass) const {
  pass.clear();
  pass.is_prefill = false;
  for (const std::uint32_t index : plan.decode_slots) {
    const Slot& slot = live_slot(index);
    if (!slot.is_live) continue;
    pass.tokens.push_back(slot.state.next_token);
    add_run(index, slot.state.next_position, 1, true, pass);
  }
}

void SlotTable::plan_prefill(const StepPlan& plan, Pass& pass) const {
  pass.clear();
  pass.is_prefill = true;
  for (const PrefillChunk& chunk : plan.prefills) {
    for (const std::int32_t token : chunk.tokens) {
      require(token >= 0 && static_cast<std::uint32_t>(token) < vocab_size_,
              "has a token beyond the vocabulary");
      pass.tokens.push_back(token);
    }
    require(pass.rows() <= limits_.max_prefill_tokens, "has more tokens than max_prefill_tokens");
    const auto rows = static_cast<std::uint32_t>(chunk.tokens.size());
    add_run(chunk.slot, chunk.first_position, rows, chunk.samples, pass);
  }
}

SampledToken SlotTable::take(std::uint32_t index, std::uint32_t position, std::int32_t token) {
  Slot& slot = slots_[index];
  const std::vector<std::int32_t>& stops = slot.state.stop_tokens;
  const bool is_stop = std::find(stops.begin(), stops.end(), token) != stops.end();
  slot.state.next_token = token;
  slot.state.next_position = position;
  const SampledToken sampled{.slot = index,
                             .token = token,
                             .is_stopped = is_stop && position >= slot.state.min_position,
                             .is_at_length = position + 1 >= slot.state.end_position};
  if (sampled.is_stopped || sampled.is_at_length) slot.is_live = false;
  return sampled;
}

}  // namespace turbomind
