// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/persistent_batch.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace turbomind {

struct PersistentBatch::Row {
  Sequence sequence;                  // its prompt has become the beginning of tokens
  std::vector<std::int32_t> tokens;   // prompt and what was sampled; room for all of it is reserved
  std::vector<std::uint32_t> blocks;  // in order of position
  std::size_t blocks_told = 0;        // how many of them the ranks know
  std::uint64_t arrival = 0;
  std::uint64_t admitted_ns = 0;
  std::uint32_t slot = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t end_position = 0;
  std::uint32_t prefill_end = 0;   // tokens to prefill since it got its slot; 0: none
  std::uint32_t prefill_done = 0;  // of these
  bool is_joined = false;          // the ranks know that it has the slot
  bool has_delivered = false;

  std::uint32_t known() const { return static_cast<std::uint32_t>(tokens.size()); }
  bool is_decoding() const { return prefill_done == prefill_end; }
  std::uint32_t left_to_prefill() const { return prefill_end - prefill_done; }
};

PersistentBatch::PersistentBatch(const BatchLimits& limits)
    : limits_(limits), pool_(limits.block_count), slots_(limits.max_slots) {
  if (limits.max_slots == 0 || limits.max_prefill_tokens == 0 || limits.block_count == 0 ||
      limits.block_tokens == 0 || limits.block_tokens % kPageTokens != 0) {
    throw std::logic_error("the limits of a batch must be set, and blocks be whole pages");
  }
  running_.reserve(limits.max_slots);
  prefilling_.reserve(limits.max_slots);
}

PersistentBatch::~PersistentBatch() = default;

bool PersistentBatch::submit(Sequence sequence) {
  const std::uint64_t end = sequence.prompt.size() + std::uint64_t{sequence.max_new_tokens};
  if (sequence.prompt.empty() || sequence.max_new_tokens == 0) {
    throw std::logic_error("a sequence has a prompt and asks for at least one token");
  }
  if (blocks_for(end) > limits_.block_count) return false;
  auto row = std::make_unique<Row>();
  row->prompt_tokens = static_cast<std::uint32_t>(sequence.prompt.size());
  row->tokens = std::move(sequence.prompt);
  row->tokens.reserve(end);
  row->blocks.reserve(blocks_for(end));
  row->end_position = static_cast<std::uint32_t>(end);
  row->arrival = ++arrivals_;
  row->sequence = std::move(sequence);
  waiting_.push_back(std::move(row));
  return true;
}

void PersistentBatch::cancel(std::uint64_t id, std::vector<Delivery>& deliveries) {
  const auto report = [&](const Row& row) {
    deliveries.push_back({.id = id,
                          .admitted_ns = row.has_delivered ? 0 : row.admitted_ns,
                          .is_first = !row.has_delivered,
                          .end = SequenceEnd::cancelled});
  };
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    if ((*it)->sequence.id != id) continue;
    report(**it);
    waiting_.erase(it);
    return;
  }
  for (Row* row : running_) {
    if (row->sequence.id != id) continue;
    report(*row);
    drop(*row);
    return;
  }
}

void PersistentBatch::cancel_all(std::vector<Delivery>& deliveries) {
  while (!running_.empty()) cancel(running_.front()->sequence.id, deliveries);
  while (!waiting_.empty()) cancel(waiting_.front()->sequence.id, deliveries);
}

bool PersistentBatch::next_plan(std::uint64_t now_ns, StepPlan& plan) {
  if (is_idle()) return false;
  grow_running();
  admit_waiting(now_ns);
  counters_.queue_peak = std::max<std::uint64_t>(counters_.queue_peak, waiting_.size());
  reserve_all();
  if (running_.empty()) throw std::logic_error("sequences wait although nothing runs");
  plan.number = ++plans_;
  plan_joins_and_pages(plan);
  plan_decode(plan);
  plan_prefills(plan);
  plan.decode_launches = decode_launches(plan);
  return true;
}

// Takes the blocks that the row lacks for so many tokens: all of them, or none.
bool PersistentBatch::extend(Row& row, std::uint64_t tokens) {
  const std::uint64_t wanted = blocks_for(tokens);
  if (wanted <= row.blocks.size()) return true;
  return pool_.allocate(static_cast<std::uint32_t>(wanted - row.blocks.size()), row.blocks);
}

// Room for the token that each decoding row feeds next; prefills had theirs when they got a slot.
void PersistentBatch::grow_running() {
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Row* row = running_[i];
    while (i < running_.size() && !extend(*row, row->known())) preempt_youngest();
  }
}

void PersistentBatch::preempt_youngest() {
  Row& row = *running_.back();
  pool_.release(row.blocks);
  row.blocks.clear();
  row.blocks_told = 0;
  running_.pop_back();
  waiting_.push_front(std::move(slots_[row.slot]));  // it is older than all that waits
  ++counters_.preemptions;
}

void PersistentBatch::admit_waiting(std::uint64_t now_ns) {
  while (!waiting_.empty()) {
    const auto slot = std::find(slots_.begin(), slots_.end(), nullptr);
    if (slot == slots_.end()) return;
    Row& row = *waiting_.front();
    if (!extend(row, std::uint64_t{row.known()} + 1)) return;
    if (row.admitted_ns == 0) row.admitted_ns = now_ns;
    row.slot = static_cast<std::uint32_t>(slot - slots_.begin());
    row.prefill_end = row.known() > 1 ? row.known() : 0;  // one token: a decode step will do
    row.prefill_done = 0;
    row.is_joined = false;
    *slot = std::move(waiting_.front());
    waiting_.pop_front();
    running_.push_back(&row);
  }
}

// If all that runs can be held to its end, it gets its blocks now and no later step has to look.
// Not while others wait for blocks: those would then wait for blocks that nobody uses yet.
void PersistentBatch::reserve_all() {
  if (!waiting_.empty() && running_.size() < slots_.size()) return;
  std::uint64_t missing = 0;
  for (const Row* row : running_) missing += blocks_for(row->end_position) - row->blocks.size();
  if (missing == 0 || missing > pool_.free_blocks()) return;
  for (Row* row : running_) extend(*row, row->end_position);
}

void PersistentBatch::plan_joins_and_pages(StepPlan& plan) {
  plan.joins.clear();
  plan.pages.clear();
  const std::uint32_t pages_per_block = limits_.block_tokens / kPageTokens;
  for (Row* row : running_) {
    if (!row->is_joined) {
      plan.joins.push_back(
          {.slot = row->slot,
           .next_token = row->tokens.back(),
           .next_position = row->known() - 1,
           .end_position = row->end_position,
           .min_position = row->prompt_tokens + std::max(row->sequence.min_new_tokens, 1U) - 1,
           .stop_tokens = row->sequence.stop_tokens,
           .sampling = row->sequence.sampling});
      row->is_joined = true;
    }
    if (row->blocks_told == row->blocks.size()) continue;
    PagesAdded& added = plan.pages.emplace_back();
    added.slot = row->slot;
    for (; row->blocks_told < row->blocks.size(); ++row->blocks_told) {
      const std::uint32_t first_page = row->blocks[row->blocks_told] * pages_per_block;
      for (std::uint32_t i = 0; i < pages_per_block; ++i) added.pages.push_back(first_page + i);
    }
  }
}

void PersistentBatch::plan_decode(StepPlan& plan) {
  plan.decode_slots.clear();
  for (const Row* row : running_) {
    if (row->is_decoding()) plan.decode_slots.push_back(row->slot);
  }
}

// The sequence that is prefilled in part goes on first, so that there is never a second one; the
// others by ascending length, the oldest first among equals.
void PersistentBatch::plan_prefills(StepPlan& plan) {
  plan.prefills.clear();
  prefilling_.clear();
  for (Row* row : running_) {
    if (!row->is_decoding()) prefilling_.push_back(row);
  }
  std::sort(prefilling_.begin(), prefilling_.end(), [](const Row* a, const Row* b) {
    if ((a->prefill_done > 0) != (b->prefill_done > 0)) return a->prefill_done > 0;
    if (a->prefill_end != b->prefill_end) return a->prefill_end < b->prefill_end;
    return a->arrival < b->arrival;
  });
  std::uint32_t budget = limits_.max_prefill_tokens;
  bool samples = false;
  for (Row* row : prefilling_) {
    if (budget == 0) break;
    const std::uint32_t length = std::min(budget, row->left_to_prefill());
    const auto first = row->tokens.begin() + row->prefill_done;
    PrefillChunk& chunk = plan.prefills.emplace_back();
    chunk.slot = row->slot;
    chunk.first_position = row->prefill_done;
    chunk.tokens.assign(first, first + length);
    row->prefill_done += length;
    chunk.samples = row->is_decoding();
    samples = samples || chunk.samples;
    budget -= length;
  }
  counters_.prefill_tokens += limits_.max_prefill_tokens - budget;
  if (!plan.prefills.empty() && !samples) ++counters_.steps;  // on_pass() will not hear of it
}

std::uint32_t PersistentBatch::decode_launches(const StepPlan& plan) const {
  if (plan.decode_slots.empty()) return 0;
  if (!plan.prefills.empty() || !waiting_.empty()) return 1;
  std::uint64_t steps = kMostDecodeLaunches;
  for (const Row* row : running_) {
    const std::uint64_t room = row->blocks.size() * std::uint64_t{limits_.block_tokens};
    steps = std::min<std::uint64_t>(steps, row->end_position - row->known());
    steps = std::min<std::uint64_t>(steps, room - (row->known() - 1));
  }
  return static_cast<std::uint32_t>(steps);
}

void PersistentBatch::on_pass(const PassResult& result, std::vector<Delivery>& deliveries) {
  if (result.plan != plans_) throw std::logic_error("a pass of another plan than the last one");
  ++counters_.steps;
  if (!result.is_prefill) counters_.decode_tokens += result.tokens.size();
  for (const SampledToken& sampled : result.tokens) {
    Row* row = sampled.slot < slots_.size() ? slots_[sampled.slot].get() : nullptr;
    if (row == nullptr) continue;  // cancelled while the plan was under way
    if (!row->is_joined || !row->is_decoding()) {
      throw std::logic_error("a token for a sequence that was not to be sampled");
    }
    deliver(*row, sampled, deliveries);
  }
}

void PersistentBatch::deliver(Row& row, const SampledToken& sampled,
                              std::vector<Delivery>& deliveries) {
  row.tokens.push_back(sampled.token);
  const bool is_at_length = row.known() == row.end_position;
  if (is_at_length != sampled.is_at_length) {
    throw std::logic_error("scheduler and executor disagree on the length of a sequence");
  }
  Delivery& delivery = deliveries.emplace_back();
  delivery.id = row.sequence.id;
  delivery.token = sampled.token;
  delivery.has_token = true;
  delivery.is_first = !row.has_delivered;
  delivery.admitted_ns = row.has_delivered ? 0 : row.admitted_ns;
  row.has_delivered = true;
  if (sampled.is_stopped) {
    delivery.end = SequenceEnd::stop;
  } else if (is_at_length) {
    delivery.end = SequenceEnd::length;
  }
  if (delivery.end != SequenceEnd::none) drop(row);
}

// Ends a running row: its blocks are free, and so is its slot.
void PersistentBatch::drop(Row& row) {
  pool_.release(row.blocks);
  running_.erase(std::find(running_.begin(), running_.end(), &row));
  slots_[row.slot].reset();
}

void PersistentBatch::reset_counters() noexcept {
  counters_ = {};
  pool_.reset_peak();
}

}  // namespace turbomind
