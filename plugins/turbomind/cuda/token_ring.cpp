// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/token_ring.hpp"

#include <atomic>
#include <cstring>

namespace turbomind::cuda {

TokenRing::TokenRing(std::uint32_t depth, std::uint32_t max_samples, Stream stream)
    : next_pass_(1, "the token ring"),
      entries_(std::size_t{depth} * max_samples * sizeof(RingEntry), "the token ring"),
      sequence_(depth * sizeof(std::uint64_t), "the token ring") {
  std::memset(sequence_.data(), 0, depth * sizeof(std::uint64_t));
  next_pass_.host()[0] = 1;
  next_pass_.upload(1, stream);
  ring_ = {.entries = reinterpret_cast<RingEntry*>(entries_.device_data()),
           .sequence = reinterpret_cast<std::uint64_t*>(sequence_.device_data()),
           .depth = depth,
           .max_samples = max_samples,
           .next_pass = next_pass_.device()};
}

bool TokenRing::has(std::uint64_t pass) const noexcept {
  auto* const sequence = reinterpret_cast<std::uint64_t*>(sequence_.data()) + pass % ring_.depth;
  return std::atomic_ref(*sequence).load(std::memory_order_acquire) == pass;
}

std::span<const RingEntry> TokenRing::entries(std::uint64_t pass,
                                              std::uint32_t samples) const noexcept {
  const auto* const entries = reinterpret_cast<const RingEntry*>(entries_.data());
  return {entries + pass % ring_.depth * ring_.max_samples, samples};
}

}  // namespace turbomind::cuda
