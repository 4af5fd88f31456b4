// The table of all kernels for one instruction set. The executor takes one table in load() and
// calls through it from each thread of its team, for that thread's share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cpu/kernels/arguments.hpp"
#include "turbomind/cpu/kernels/isa.hpp"

namespace turbomind {

// [any] Reentrant. A row's result depends on the row alone: not on the other rows of the call, on
// their number, or on the split of the work over threads.
struct Kernels {
  Isa isa;
  // Reads each weight from memory once for up to 16 rows; right for any number of rows.
  void (*skinny_gemm)(const GemmArguments&) noexcept;
  void (*rms_norm)(const NormArguments&) noexcept;
  void (*rope_append)(const RopeAppendArguments&) noexcept;
  void (*decode_attention)(const DecodeAttentionArguments&) noexcept;
  void (*merge_splits)(const MergeSplitsArguments&) noexcept;
  void (*prefill_attention)(const PrefillAttentionArguments&) noexcept;
  // y[i] = silu(gate[i]) * up[i], y of y_type.
  void (*swiglu)(const float* gate, const float* up, void* y, DataType y_type,
                 std::size_t count) noexcept;
  // Elements of `type` to fp32 (embedding rows, norm weights) and back (round to nearest even).
  void (*widen)(const void* source, DataType type, float* target, std::size_t count) noexcept;
  void (*narrow)(const float* source, DataType type, void* target, std::size_t count) noexcept;
};

// [any] The table of one of supported_isas().
const Kernels& kernels_for(Isa isa);

}  // namespace turbomind
