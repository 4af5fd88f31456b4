// The buffers of a pass in device memory: one set, as passes run one after another. Elements are of
// the model's type where nothing else is said.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/device_shape.hpp"
#include "turbomind/cuda/kernels/sampling.hpp"
#include "turbomind/executor.hpp"
#include "turbomind/memory_cutter.hpp"

namespace turbomind::cuda {

struct Workspace {
  Workspace(const DeviceShape& shape, const ExecutorLimits& limits, std::uint32_t ranks);

  static std::size_t bytes_for(const DeviceShape& shape, const ExecutorLimits& limits,
                               std::uint32_t ranks);

  std::size_t bytes() const noexcept { return memory_.size(); }

  std::uint32_t row_capacity;     // of a pass
  Rows rows{};                    // [row_capacity] each
  std::byte* residual = nullptr;  // [rows][hidden_stride]
  std::byte* normed = nullptr;    // [rows][hidden_stride]
  std::byte* qkv = nullptr;       // [rows][qkv_columns]; queries alone where the skinny product ran
  std::byte* attention = nullptr;             // [rows][query_columns]
  std::byte* gate_up = nullptr;               // [rows][2 * inter_stride]
  std::byte* activated = nullptr;             // [rows][inter_stride]
  float* logits = nullptr;                    // [max_slots][head_stride] fp32
  float* all_logits = nullptr;                // [ranks][max_slots][head_stride]; null for one rank
  float* partials = nullptr;                  // of decode attention
  std::uint32_t* tickets = nullptr;           // [max_slots][heads], zero between passes
  PackedCandidate* candidates = nullptr;      // [max_slots]
  PackedCandidate* all_candidates = nullptr;  // [ranks][max_slots]; null for one rank
 private:
  explicit Workspace(const ExecutorLimits& limits);
  void lay_out(MemoryCutter& cutter, const DeviceShape& shape, const ExecutorLimits& limits,
               std::uint32_t ranks);

  DeviceMemory memory_;
};

}  // namespace turbomind::cuda
