// Cuts one region into aligned pieces. With no region (null) it only counts, so that one function both
// sizes a layout and lays it out. The memory may be a device's: it is never touched here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace turbomind {

class MemoryCutter {
 public:
  explicit MemoryCutter(std::byte* base) : base_(base) {}

  template <class Element = std::byte>
  Element* take(std::size_t count) {
    constexpr std::size_t kAlignment =
        256;  // two cache lines for prefetchers; what cuBLASLt takes for given
    std::byte* const piece = base_ == nullptr ? nullptr : base_ + used_;
    used_ += (count * sizeof(Element) + kAlignment - 1) / kAlignment * kAlignment;
    return reinterpret_cast<Element*>(piece);
  }
  std::size_t used() const noexcept { return used_; }
 private:
  std::byte* base_;
  std::size_t used_ = 0;
};

}  // namespace turbomind
