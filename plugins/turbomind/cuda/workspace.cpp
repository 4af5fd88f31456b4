// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/workspace.hpp"

#include <algorithm>

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/kernels/decode_attention.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::size_t kElementBytes = 2;

}  // namespace

Workspace::Workspace(const ExecutorLimits& limits)
    : row_capacity(std::max(limits.max_prefill_tokens, limits.max_slots)) {}

Workspace::Workspace(const DeviceShape& shape, const ExecutorLimits& limits, std::uint32_t ranks)
    : Workspace(limits) {
  memory_ = DeviceMemory(bytes_for(shape, limits, ranks), "the workspace");
  MemoryCutter cutter(memory_.data());
  lay_out(cutter, shape, limits, ranks);
  // Tickets begin at zero; padding that nobody writes is zero, not NaN.
  check(cudaMemset(memory_.data(), 0, memory_.size()), "cudaMemset");
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

std::size_t Workspace::bytes_for(const DeviceShape& shape, const ExecutorLimits& limits,
                                 std::uint32_t ranks) {
  MemoryCutter sizes(nullptr);
  Workspace(limits).lay_out(sizes, shape, limits, ranks);
  return sizes.used();
}

void Workspace::lay_out(MemoryCutter& cutter, const DeviceShape& shape,
                        const ExecutorLimits& limits, std::uint32_t ranks) {
  const auto by_row = [&](std::size_t columns) {
    return cutter.take(row_capacity * columns * kElementBytes);
  };
  rows.token = cutter.take<std::int32_t>(row_capacity);
  rows.slot = cutter.take<std::uint32_t>(row_capacity);
  rows.position = cutter.take<std::uint32_t>(row_capacity);
  residual = by_row(shape.hidden_stride);
  normed = by_row(shape.hidden_stride);
  qkv = by_row(shape.qkv_columns());
  attention = by_row(shape.query_columns());
  gate_up = by_row(std::size_t{2} * shape.inter_stride);
  activated = by_row(shape.inter_stride);
  const std::size_t slots = limits.max_slots;
  logits = cutter.take<float>(slots * shape.head_stride);
  partials = cutter.take<float>(decode_partial_elements(
      limits.max_slots, shape.heads, shape.head_dim, limits.max_sequence_tokens));
  tickets = cutter.take<std::uint32_t>(slots * shape.heads);
  candidates = cutter.take<PackedCandidate>(slots);
  if (ranks == 1) return;
  all_logits = cutter.take<float>(slots * shape.head_stride * ranks);
  all_candidates = cutter.take<PackedCandidate>(slots * ranks);
}

}  // namespace turbomind::cuda
