// An executor without a model: the next token is a hash of all tokens that it finds through the
// page table, so a wrong page, a lost token or two sequences in one page give other tokens. It
// checks each plan against the contract as it goes and throws std::logic_error when one breaks it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "turbomind/executor.hpp"

namespace turbomind {

// What the fake samples after these tokens.
inline std::int32_t fake_token(const std::vector<std::int32_t>& history, std::uint32_t vocab_size) {
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL;
  for (const std::int32_t token : history) {
    hash = (hash ^ static_cast<std::uint64_t>(token)) * 0xff51afd7ed558ccdULL;
    hash ^= hash >> 29U;
  }
  return static_cast<std::int32_t>(hash % vocab_size);
}

// What a sequence alone gives: the reference for anything that a scheduler may do with it.
inline std::vector<std::int32_t> fake_generation(std::vector<std::int32_t> history,
                                                 std::uint32_t min_new, std::uint32_t max_new,
                                                 const std::vector<std::int32_t>& stop_tokens,
                                                 std::uint32_t vocab_size) {
  std::vector<std::int32_t> made;
  while (made.size() < max_new) {
    made.push_back(fake_token(history, vocab_size));
    history.push_back(made.back());
    const bool stops =
        std::find(stop_tokens.begin(), stop_tokens.end(), made.back()) != stop_tokens.end();
    if (stops && made.size() >= min_new) break;
  }
  return made;
}

class FakeExecutor final : public Executor {
 public:
  FakeExecutor(std::uint32_t vocab_size, PassSink* sink) : vocab_size_(vocab_size), sink_(sink) {}

  void set_limits(const ExecutorLimits& limits) {
    limits_ = limits;
    slots_.assign(limits.max_slots, {});
    cells_.assign(std::size_t{limits.page_count} * kPageTokens, -1);
  }

  void load(const WeightSource& /*weights*/, const ExecutorLimits& limits) override {
    set_limits(limits);
  }

  void enqueue(const StepPlan& plan) override {
    require(plan.number == last_plan_ + 1, "a plan is missing");
    last_plan_ = plan.number;
    if (on_plan) on_plan(plan);
    for (const SlotJoin& join : plan.joins) {
      slots_.at(join.slot) = {.join = join, .pages = {}, .is_live = true};
    }
    for (const PagesAdded& added : plan.pages) add_pages(added);
    check_sharing(plan);
    for (std::uint32_t i = 0; i < plan.decode_launches; ++i) decode(plan);
    prefill(plan);
  }

  void abort() noexcept override {}
  MemoryUse memory_use() const noexcept override { return {.weight_bytes = 1, .kv_bytes = 2}; }

  std::function<void(const StepPlan&)> on_plan;  // a look at each plan, for tests
 private:
  struct Slot {
    SlotJoin join;
    std::vector<std::uint32_t> pages;
    bool is_live = false;  // joined and not ended
  };

  static void require(bool holds, const char* what) {
    if (!holds) throw std::logic_error(std::string("fake executor: ") + what);
  }

  void add_pages(const PagesAdded& added) {
    Slot& slot = slots_.at(added.slot);
    require(slot.is_live, "pages for a slot that nobody has");
    for (const std::uint32_t page : added.pages) {
      require(page < limits_.page_count, "no such page");
      slot.pages.push_back(page);
    }
  }

  // Among the slots that this plan works on; others may be abandoned without a word.
  void check_sharing(const StepPlan& plan) const {
    std::map<std::uint32_t, std::uint32_t> owner;
    const auto take = [&](std::uint32_t slot) {
      for (const std::uint32_t page : slots_.at(slot).pages) {
        require(owner.emplace(page, slot).first->second == slot, "two sequences share a page");
      }
    };
    for (const std::uint32_t slot : plan.decode_slots) take(slot);
    for (const PrefillChunk& chunk : plan.prefills) take(chunk.slot);
  }

  std::int32_t& cell(const Slot& slot, std::uint32_t position) {
    const std::uint32_t page = position / kPageTokens;
    require(page < slot.pages.size(), "a position without a page");
    return cells_[std::size_t{slot.pages[page]} * kPageTokens + position % kPageTokens];
  }

  SampledToken sample(std::uint32_t index, std::uint32_t position) {
    Slot& slot = slots_[index];
    std::vector<std::int32_t> history;
    for (std::uint32_t i = 0; i < position; ++i) history.push_back(cell(slot, i));
    const std::int32_t token = fake_token(history, vocab_size_);
    const auto& stops = slot.join.stop_tokens;
    const bool is_stop = std::find(stops.begin(), stops.end(), token) != stops.end();
    slot.join.next_token = token;
    slot.join.next_position = position;
    const SampledToken sampled{.slot = index,
                               .token = token,
                               .is_stopped = is_stop && position >= slot.join.min_position,
                               .is_at_length = position + 1 == slot.join.end_position};
    if (sampled.is_stopped || sampled.is_at_length) slot.is_live = false;
    return sampled;
  }

  void decode(const StepPlan& plan) {
    std::vector<SampledToken> sampled;
    for (const std::uint32_t index : plan.decode_slots) {
      Slot& slot = slots_.at(index);
      if (!slot.is_live) continue;
      cell(slot, slot.join.next_position) = slot.join.next_token;
      sampled.push_back(sample(index, slot.join.next_position + 1));
    }
    if (!sampled.empty()) report(plan, false, sampled);
  }

  void prefill(const StepPlan& plan) {
    std::vector<SampledToken> sampled;
    std::size_t tokens = 0;
    for (const PrefillChunk& chunk : plan.prefills) {
      Slot& slot = slots_.at(chunk.slot);
      require(slot.is_live, "a prefill of a slot that nobody has");
      std::uint32_t position = chunk.first_position;
      for (const std::int32_t token : chunk.tokens) cell(slot, position++) = token;
      tokens += chunk.tokens.size();
      if (chunk.samples) sampled.push_back(sample(chunk.slot, position));
    }
    require(tokens <= limits_.max_prefill_tokens, "more prefill tokens than were asked for");
    if (!sampled.empty()) report(plan, true, sampled);
  }

  void report(const StepPlan& plan, bool is_prefill, const std::vector<SampledToken>& sampled) {
    if (sink_ == nullptr) return;  // a rank other than 0
    ++clock_;
    sink_->on_pass({.plan = plan.number,
                    .begin_ns = clock_ - 1,
                    .end_ns = clock_,
                    .is_prefill = is_prefill,
                    .tokens = sampled});
  }

  std::uint32_t vocab_size_;
  PassSink* sink_;
  ExecutorLimits limits_;
  std::vector<Slot> slots_;
  std::vector<std::int32_t> cells_;
  std::uint64_t last_plan_ = 0;
  std::uint64_t clock_ = 1;
};

}  // namespace turbomind
