// Which KV blocks are free. A block is block_tokens / kPageTokens pages in a row, so block b is the
// pages [b * n, (b + 1) * n) on every rank. Last in, first out: memory that a warm-up round touched
// is what the next round gets.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace turbomind {

class BlockPool {
 public:
  explicit BlockPool(std::uint32_t block_count);

  std::uint32_t block_count() const noexcept { return block_count_; }
  std::uint32_t free_blocks() const noexcept { return static_cast<std::uint32_t>(free_.size()); }
  std::uint32_t used_blocks() const noexcept { return block_count_ - free_blocks(); }

  // The most blocks that were in use at once since the pool was made or reset_peak() was called.
  std::uint32_t peak_used_blocks() const noexcept { return peak_used_blocks_; }
  void reset_peak() noexcept { peak_used_blocks_ = used_blocks(); }

  // Appends count block ids to out, or none and says false. O(count).
  bool allocate(std::uint32_t count, std::vector<std::uint32_t>& out);

  // Throws std::logic_error for a block that is not in use: a bug of the caller, and two sequences
  // writing one block would be wrong tokens at a plausible speed.
  void release(std::span<const std::uint32_t> blocks);
 private:
  std::uint32_t block_count_;
  std::uint32_t peak_used_blocks_ = 0;
  std::vector<std::uint32_t> free_;  // back: next to be given out
  std::vector<std::uint8_t> is_used_;
};

}  // namespace turbomind
