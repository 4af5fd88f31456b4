// What the kernels share in device memory: the state of each sequence, the rows of the pass under
// way and the KV pages. Plain structs of device pointers, passed to kernels by value; the executor
// owns the memory. The host never changes what a captured graph holds: all that differs from step to
// step is read from here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/scheduler/step_plan.hpp"

struct CUstream_st;

namespace turbomind::cuda {

using Stream = CUstream_st*;  // cudaStream_t, without CUDA's headers

// Where a kernel of a decode step goes. Dependent: it may start while the kernel before it ends
// (programmatic dependent launch); it reads nothing but weights until that one is complete.
struct Queue {
  Queue(Stream of_stream, bool starts_early = false)  // NOLINT: a stream is a queue
      : stream(of_stream), is_dependent(starts_early) {}

  Stream stream;
  bool is_dependent;
};

// Sampling of one sequence, as the device reads it.
struct SlotSampling {
  std::uint64_t seed;
  float temperature;  // 0: greedy
  float top_p;
  std::int32_t top_k;  // 0: no limit; 1: greedy
  std::uint32_t padding;
};

// Sequences by slot. Slot `max_slots` is nobody's: it is never live and its pages are the dummy
// page; rows that stand still work there.
struct Slots {
  std::uint32_t max_slots;
  std::uint32_t max_pages;      // per sequence
  std::uint32_t stop_words;     // of 32 bits, per sequence: ceil(V / 32)
  std::int32_t* token;          // [max_slots + 1] what the next decode step feeds
  std::uint32_t* position;      // [max_slots + 1] where that token stands in its sequence
  std::uint32_t* end_position;  // [max_slots + 1] as SlotJoin has it
  std::uint32_t* min_position;  // [max_slots + 1]
  std::uint32_t* is_live;       // [max_slots + 1] joined and not ended
  SlotSampling* sampling;       // [max_slots + 1]
  std::uint32_t* stop_bits;     // [max_slots + 1][stop_words] bit t % 32 of word t / 32: stop token
  std::uint32_t* pages;         // [max_slots + 1][max_pages] page ids, from position 0 on
};

// The rows of a pass. A decode pass has one per sequence; the rows of a prefill chunk are
// neighbours in order.
struct Rows {
  std::int32_t* token;      // [rows]
  std::uint32_t* slot;      // [rows]; Slots::max_slots for a row that stands still
  std::uint32_t* position;  // [rows] of the token in its sequence
};

// Keys and values. A page holds kPageTokens tokens of one sequence, for all layers of the rank: per
// layer and KV head the keys [kPageTokens][head_dim], then the values [kPageTokens][head_dim], in the
// model's type; page_layout.hpp has the order of elements in their rows.
struct KvPages {
  void* data;
  std::uint32_t layers;
  std::uint32_t kv_heads;
  std::uint32_t head_dim;

  // All in elements.
#ifdef __CUDACC__
  __host__ __device__
#endif
      std::size_t
      page_stride() const {
    return std::size_t{layers} * kv_heads * 2 * kPageTokens * head_dim;
  }
  // The keys of one page; the values follow kPageTokens * head_dim elements later.
#ifdef __CUDACC__
  __host__ __device__
#endif
      std::size_t
      keys_at(std::uint32_t page, std::uint32_t layer, std::uint32_t kv_head) const {
    return page * page_stride() +
           (std::size_t{layer} * kv_heads + kv_head) * 2 * kPageTokens * head_dim;
  }
};

}  // namespace turbomind::cuda
