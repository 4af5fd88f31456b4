// The rows, tiles and samples of a prefill pass on their way to the device.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/forward.hpp"
#include "turbomind/executor.hpp"
#include "turbomind/scheduler/pass.hpp"

namespace turbomind::cuda {

class PrefillStaging {
 public:
  explicit PrefillStaging(const ExecutorLimits& limits);

  // Queues the copies: rows to `rows`, the rest to arrays of its own. What the last pass queued is
  // done.
  PrefillPass upload(const Pass& pass, const Rows& rows, Stream stream);

  std::size_t bytes() const noexcept;
 private:
  void fill_rows(const Pass& pass);
  std::uint32_t fill_tiles(const Pass& pass);

  PinnedMemory rows_;  // tokens, slots, positions: [row_capacity] each
  std::uint32_t row_capacity_;
  StagedArray<PrefillTile> tiles_;
  StagedArray<std::uint32_t> samples_;  // rows, slots, positions: [max_slots] each
  std::uint32_t max_slots_;
};

}  // namespace turbomind::cuda
