// The scheduler: a queue in order of arrival, slots, and KV blocks; it turns them into step plans
// and sampled tokens into deliveries. Pure: no thread, no clock, no device. Used from one thread.
//
// Sequences keep their order of arrival in everything: the oldest gets blocks first, the youngest is
// preempted first (its blocks go, its tokens stay, and it is recomputed later).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "turbomind/executor.hpp"
#include "turbomind/scheduler/block_pool.hpp"
#include "turbomind/scheduler/sequence.hpp"
#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind {

struct BatchLimits {
  std::uint32_t max_slots = 0;
  std::uint32_t max_prefill_tokens = 0;  // of all chunks of one plan
  std::uint32_t block_tokens = kPageTokens;
  std::uint32_t block_count = 0;
};

struct BatchCounters {
  std::uint64_t steps = 0;           // passes over the model: decode steps and prefill passes
  std::uint64_t prefill_tokens = 0;  // recomputed ones included
  std::uint64_t decode_tokens = 0;
  std::uint64_t preemptions = 0;
  std::uint64_t queue_peak = 0;  // sequences that a plan left waiting
};

class PersistentBatch {
 public:
  explicit PersistentBatch(const BatchLimits& limits);
  ~PersistentBatch();

  // False, and not taken, when the pool could not hold the sequence even alone.
  bool submit(Sequence sequence);

  // Delivers the end of the sequence, if it is here.
  void cancel(std::uint64_t id, std::vector<Delivery>& deliveries);

  // Delivers the end of everything that is here, oldest first.
  void cancel_all(std::vector<Delivery>& deliveries);

  // What to run next; now_ns becomes the admission time of sequences that get a slot. False, and
  // the plan is untouched, when there is nothing to do. All passes of the last plan must have been
  // handed to on_pass().
  bool next_plan(std::uint64_t now_ns, StepPlan& plan);

  // Takes the tokens of one pass and appends what they mean to deliveries.
  void on_pass(const PassResult& result, std::vector<Delivery>& deliveries);

  bool is_idle() const noexcept { return running_.empty() && waiting_.empty(); }
  std::size_t running() const noexcept { return running_.size(); }
  std::size_t waiting() const noexcept { return waiting_.size(); }
  const BlockPool& pool() const noexcept { return pool_; }
  const BatchCounters& counters() const noexcept { return counters_; }

  // Counters and peaks start anew.
  void reset_counters() noexcept;

  // Blocks that a sequence of so many tokens takes.
  std::uint64_t blocks_for(std::uint64_t tokens) const noexcept {
    return (tokens + limits_.block_tokens - 1) / limits_.block_tokens;
  }
 private:
  struct Row;
  using RowPtr = std::unique_ptr<Row>;

  bool extend(Row& row, std::uint64_t tokens);
  void grow_running();
  void preempt_youngest();
  void admit_waiting(std::uint64_t now_ns);
  void reserve_all();
  void plan_joins_and_pages(StepPlan& plan);
  void plan_decode(StepPlan& plan);
  void plan_prefills(StepPlan& plan);
  std::uint32_t decode_launches(const StepPlan& plan) const;
  void deliver(Row& row, const SampledToken& sampled, std::vector<Delivery>& deliveries);
  void drop(Row& row);

  BatchLimits limits_;
  BlockPool pool_;
  std::deque<RowPtr> waiting_;    // oldest first
  std::vector<RowPtr> slots_;     // by slot; null: free
  std::vector<Row*> running_;     // oldest first
  std::vector<Row*> prefilling_;  // scratch of plan_prefills()
  std::uint64_t arrivals_ = 0;
  std::uint64_t plans_ = 0;
  BatchCounters counters_;
};

}  // namespace turbomind
