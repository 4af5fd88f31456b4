// The way of tokens from the device to the host: settle() writes what a pass sampled into mapped
// memory and releases the pass's number; the host sees it without a copy, an event or a callback, so
// that its clock stamps the moment itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/kernels/sampling.hpp"

namespace turbomind::cuda {

class TokenRing {
 public:
  // depth: passes that may be under way at once.
  TokenRing(std::uint32_t depth, std::uint32_t max_samples, Stream stream);

  // What settle() gets.
  Ring device() const noexcept { return ring_; }

  // Whether the pass, counted from 1, has delivered. Acquires its entries.
  bool has(std::uint64_t pass) const noexcept;

  // Of a pass that has() been delivered, until `depth` more passes are queued.
  std::span<const RingEntry> entries(std::uint64_t pass, std::uint32_t samples) const noexcept;

  std::size_t bytes() const noexcept { return next_pass_.device_bytes(); }
 private:
  StagedArray<std::uint64_t> next_pass_;
  PinnedMemory entries_;
  PinnedMemory sequence_;
  Ring ring_;
};

}  // namespace turbomind::cuda
