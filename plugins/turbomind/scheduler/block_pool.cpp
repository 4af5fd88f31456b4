// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/block_pool.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace turbomind {

BlockPool::BlockPool(std::uint32_t block_count)
    : block_count_(block_count), free_(block_count), is_used_(block_count, 0) {
  for (std::uint32_t i = 0; i < block_count; ++i) free_[i] = block_count - 1 - i;
}

bool BlockPool::allocate(std::uint32_t count, std::vector<std::uint32_t>& out) {
  if (count > free_.size()) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t block = free_.back();
    free_.pop_back();
    is_used_[block] = 1;
    out.push_back(block);
  }
  peak_used_blocks_ = std::max(peak_used_blocks_, used_blocks());
  return true;
}

void BlockPool::release(std::span<const std::uint32_t> blocks) {
  // Backwards, so that a sequence that takes as many again gets the same ones in the same order.
  for (auto it = blocks.rbegin(); it != blocks.rend(); ++it) {
    if (*it >= block_count_ || is_used_[*it] == 0) {
      throw std::logic_error("KV block " + std::to_string(*it) + " is freed but not in use");
    }
    is_used_[*it] = 0;
    free_.push_back(*it);
  }
}

}  // namespace turbomind
