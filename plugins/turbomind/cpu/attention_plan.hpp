// Who attends to what: the attention of one pass cut into tasks and dealt to the threads of a team,
// once for all layers. A cost is what a task reads of the cache. Pure.
//
// Decode: a task is a (row, KV head) and a run of its splits. Mostly a thread has all splits of a
// pair and finishes it alone; where that would leave threads idle (few sequences, long contexts) a
// pair is cut, and its partial results are merged after a barrier.
// Prefill: a task is up to kPrefillQueries rows of a run and a KV head.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "turbomind/scheduler/pass.hpp"

namespace turbomind {

struct AttentionTask {
  std::uint32_t run = 0;  // index in Pass::runs
  std::uint32_t kv_head = 0;
  std::uint32_t begin = 0;  // decode: splits; prefill: rows of the run
  std::uint32_t end = 0;
  std::int32_t cut_pair = -1;  // decode: which entry of cut_pairs it is a part of; -1: it is whole
};

struct CutPair {
  std::uint32_t run = 0;
  std::uint32_t kv_head = 0;
  std::uint32_t splits = 0;
};

class AttentionPlan {
 public:
  // Takes room for every pass within these limits.
  AttentionPlan(std::uint32_t threads, std::uint32_t kv_heads, std::uint32_t max_slots,
                std::uint32_t max_prefill_tokens);

  void make(const Pass& pass);

  std::span<const AttentionTask> tasks_of(std::uint32_t thread) const noexcept {
    return std::span(tasks_).subspan(first_task_[thread],
                                     first_task_[thread + 1] - first_task_[thread]);
  }
  // At most threads - 1 of them, in the order of the partial results.
  const std::vector<CutPair>& cut_pairs() const noexcept { return cut_pairs_; }
 private:
  void plan_decode(const Pass& pass);
  void plan_prefill(const Pass& pass);
  void deal_pair(AttentionTask pair, std::uint64_t begin_cost, std::uint64_t total_cost);

  std::uint32_t threads_;
  std::uint32_t kv_heads_;
  std::vector<AttentionTask> tasks_;     // in the order of threads
  std::vector<std::size_t> first_task_;  // by thread, and the end
  std::vector<CutPair> cut_pairs_;
  std::uint32_t thread_ = 0;  // whose tasks are being added
};

}  // namespace turbomind
