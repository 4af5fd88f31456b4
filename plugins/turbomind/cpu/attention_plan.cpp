// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/attention_plan.hpp"

#include <algorithm>

#include "turbomind/cpu/kernels/arguments.hpp"

namespace turbomind {
namespace {

std::uint32_t splits_of(const PassRun& run) { return run.first_position / kSplitTokens + 1; }

}  // namespace

AttentionPlan::AttentionPlan(std::uint32_t threads, std::uint32_t kv_heads, std::uint32_t max_slots,
                             std::uint32_t max_prefill_tokens)
    : threads_(threads), kv_heads_(kv_heads), first_task_(threads + 1) {
  // A run takes one block more than its rows fill, at most.
  const std::size_t blocks = max_prefill_tokens / kPrefillQueries + max_slots;
  tasks_.reserve(blocks * kv_heads + threads);
  cut_pairs_.reserve(threads);
}

void AttentionPlan::make(const Pass& pass) {
  tasks_.clear();
  cut_pairs_.clear();
  std::fill(first_task_.begin(), first_task_.end(), 0);
  thread_ = 0;
  if (pass.is_prefill) {
    plan_prefill(pass);
  } else {
    plan_decode(pass);
  }
  while (thread_ < threads_) first_task_[++thread_] = tasks_.size();
}

void AttentionPlan::plan_decode(const Pass& pass) {
  std::uint64_t total_cost = 0;
  for (const PassRun& run : pass.runs) total_cost += std::uint64_t{splits_of(run)} * kv_heads_;
  std::uint64_t cost = 0;
  for (std::uint32_t r = 0; r < pass.runs.size(); ++r) {
    const std::uint32_t splits = splits_of(pass.runs[r]);
    for (std::uint32_t head = 0; head < kv_heads_; ++head, cost += splits) {
      deal_pair({.run = r, .kv_head = head, .begin = 0, .end = splits}, cost, total_cost);
    }
  }
}

// A thread's share ends at a multiple of total / threads, moved to the nearer end of the pair there
// if that is near enough.
void AttentionPlan::deal_pair(AttentionTask pair, std::uint64_t begin_cost,
                              std::uint64_t total_cost) {
  const std::uint64_t end_cost = begin_cost + pair.end;
  const std::uint64_t tolerance = std::max<std::uint64_t>(total_cost / threads_ / 8, 1);
  const std::uint32_t splits = pair.end;
  while (thread_ + 1 < threads_) {
    const std::uint64_t border = total_cost * (thread_ + 1) / threads_;
    if (border >= end_cost) break;
    const std::uint64_t begin = begin_cost + pair.begin;
    if (end_cost - border <= tolerance && end_cost - border <= border - std::min(border, begin)) {
      break;  // the rest of the pair is this thread's
    }
    if (border > begin + tolerance) {
      if (pair.cut_pair < 0) {
        pair.cut_pair = static_cast<std::int32_t>(cut_pairs_.size());
        cut_pairs_.push_back({pair.run, pair.kv_head, splits});
      }
      AttentionTask part = pair;
      part.end = static_cast<std::uint32_t>(border - begin_cost);
      tasks_.push_back(part);
      pair.begin = part.end;
    }
    first_task_[++thread_] = tasks_.size();
  }
  tasks_.push_back(pair);
}

void AttentionPlan::plan_prefill(const Pass& pass) {
  const auto pages = [](const PassRun& run, std::uint32_t row) {
    const std::uint32_t last = std::min(row + kPrefillQueries, run.row_count);
    return (run.first_position + last - 1) / kKvPageTokens + 1;
  };
  std::uint64_t total_cost = 0;
  for (const PassRun& run : pass.runs) {
    for (std::uint32_t row = 0; row < run.row_count; row += kPrefillQueries) {
      total_cost += std::uint64_t{pages(run, row)} * kv_heads_;
    }
  }
  std::uint64_t cost = 0;
  for (std::uint32_t r = 0; r < pass.runs.size(); ++r) {
    const PassRun& run = pass.runs[r];
    for (std::uint32_t head = 0; head < kv_heads_; ++head) {
      for (std::uint32_t row = 0; row < run.row_count; row += kPrefillQueries) {
        // Half of the task before the border: it still belongs to this thread.
        while (thread_ + 1 < threads_ &&
               2 * cost + pages(run, row) > 2 * total_cost * (thread_ + 1) / threads_) {
          first_task_[++thread_] = tasks_.size();
        }
        const std::uint32_t end = std::min(row + kPrefillQueries, run.row_count);
        tasks_.push_back({.run = r, .kv_head = head, .begin = row, .end = end});
        cost += pages(run, row);
      }
    }
  }
}

}  // namespace turbomind
