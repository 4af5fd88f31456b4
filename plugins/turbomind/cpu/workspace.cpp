// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/workspace.hpp"

#include <algorithm>

namespace turbomind {

Workspace::Workspace(const RankShape& shape, const ExecutorLimits& limits,
                     std::uint32_t thread_count, std::uint32_t ranks)
    : threads(thread_count), max_splits_(limits.max_sequence_tokens / kSplitTokens + 1) {
  MemoryCutter sizes(nullptr);
  lay_out(sizes, shape, limits, ranks);
  memory_ = AnonymousMemory(sizes.used(), MemoryUseKind::dense, "the workspace");
  MemoryCutter cutter(memory_.data());
  lay_out(cutter, shape, limits, ranks);
}

std::size_t Workspace::bytes_per_token(const RankShape& shape) noexcept {
  const std::size_t activation = bytes_of(shape.activation_type);
  return sizeof(float) * (std::size_t{shape.hidden} + shape.qkv_columns()) +
         activation * (std::size_t{shape.hidden} + shape.query_columns() + shape.inter);
}

void Workspace::lay_out(MemoryCutter& cutter, const RankShape& shape, const ExecutorLimits& limits,
                        std::uint32_t ranks) {
  const std::size_t tokens = std::max(limits.max_prefill_tokens, limits.max_slots);
  const std::size_t activation = bytes_of(shape.activation_type);
  const std::size_t partial =
      std::size_t{max_splits_} * shape.group * (std::size_t{shape.head_dim} + 2);
  residual = cutter.take<float>(tokens * shape.hidden);
  normed = cutter.take(tokens * shape.hidden * activation);
  qkv = cutter.take<float>(tokens * shape.qkv_columns());
  attention = cutter.take(tokens * shape.query_columns() * activation);
  inner = cutter.take(tokens * shape.inter * activation);
  cut_partials = cutter.take<float>((threads.size() - 1) * partial);
  logits = cutter.take<float>(std::size_t{limits.max_slots} * shape.head_columns);
  if (ranks > 1) all_logits = cutter.take<float>(std::size_t{shape.head_columns} * ranks);
  for (OfThread& own : threads) {
    own.normed = cutter.take(std::size_t{kSkinnyRows} * shape.hidden * activation);
    own.head_group = cutter.take<float>(std::size_t{shape.group + 2} * shape.head_dim);
    own.partials = cutter.take<float>(partial);
    own.prefill = cutter.take<float>(prefill_scratch_floats(shape.head_dim, shape.group));
  }
}

}  // namespace turbomind
