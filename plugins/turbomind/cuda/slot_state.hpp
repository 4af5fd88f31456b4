// The device's copy of what a rank remembers of each sequence (kernels/device_state.hpp), and the
// arrays through which plans reach it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/kernels/slot_update.hpp"
#include "turbomind/executor.hpp"
#include "turbomind/memory_cutter.hpp"

namespace turbomind::cuda {

class SlotState {
 public:
  // dummy_page: where rows that stand still keep their keys and values. Uses the stream.
  SlotState(const ExecutorLimits& limits, std::uint32_t vocab_size, std::uint32_t dummy_page,
            Stream stream);

  const Slots& device() const noexcept { return slots_; }

  // Queues joins and pages of a plan that has been checked (SlotTable::apply). What the last plan
  // queued is done.
  void apply(const StepPlan& plan, Stream stream);

  std::size_t bytes() const noexcept;
 private:
  void lay_out(MemoryCutter& cutter);
  void apply_joins_of(const StepPlan& plan, Stream stream);
  void apply_stops_of(const StepPlan& plan, Stream stream);
  void apply_pages_of(const StepPlan& plan, Stream stream);

  DeviceMemory memory_;
  Slots slots_{};
  StagedArray<JoinUpdate> joins_;  // [max_slots]
  StagedArray<StopUpdate> stops_;
  StagedArray<PageUpdate> pages_;
  std::vector<std::uint32_t> page_count_;  // by slot
};

}  // namespace turbomind::cuda
