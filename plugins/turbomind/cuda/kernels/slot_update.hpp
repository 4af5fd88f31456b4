// What a step plan changes of the sequences' state: joins and pages, as the host wrote them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

// A sequence takes a slot.
struct JoinUpdate {
  std::uint32_t slot;
  std::int32_t token;  // SlotJoin::next_token and so on
  std::uint32_t position;
  std::uint32_t end_position;
  std::uint32_t min_position;
  std::uint32_t padding;
  SlotSampling sampling;
};

// A stop token of the sequence in a slot.
struct StopUpdate {
  std::uint32_t slot;
  std::int32_t token;  // of the vocabulary
};

// Entry `index` of the page table of a slot.
struct PageUpdate {
  std::uint32_t slot;
  std::uint32_t index;
  std::uint32_t page;
};

// Queue one kernel each; the arrays are device memory. A count of 0 queues nothing. Joins of one call
// concern different slots, pages different entries. A join forgets the slot's stop tokens.
void apply_joins(const JoinUpdate* joins, std::uint32_t count, const Slots& slots, Stream stream);
void apply_stops(const StopUpdate* stops, std::uint32_t count, const Slots& slots, Stream stream);
void apply_pages(const PageUpdate* pages, std::uint32_t count, const Slots& slots, Stream stream);

}  // namespace turbomind::cuda
