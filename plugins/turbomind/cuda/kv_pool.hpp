// The KV pool of one rank in device memory: all pages, and one more that nobody's rows write to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/device_shape.hpp"

namespace turbomind::cuda {

class KvPool {
 public:
  KvPool(const DeviceShape& shape, std::uint32_t page_count)
      : pages_{nullptr, shape.layers, shape.kv_heads, shape.head_dim},
        page_count_(page_count),
        memory_((page_count + std::size_t{1}) * page_bytes(), "the KV pool") {
    pages_.data = memory_.data();
  }

  const KvPages& pages() const noexcept { return pages_; }
  std::uint32_t dummy_page() const noexcept { return page_count_; }
  std::size_t bytes() const noexcept { return page_count_ * page_bytes(); }  // of the pool's own
  std::byte* dummy_page_data() const noexcept { return memory_.data() + bytes(); }
  std::size_t page_bytes() const noexcept { return pages_.page_stride() * 2; }

  static std::size_t page_bytes(const DeviceShape& shape) noexcept {
    return KvPages{nullptr, shape.layers, shape.kv_heads, shape.head_dim}.page_stride() * 2;
  }
 private:
  KvPages pages_;
  std::uint32_t page_count_;
  DeviceMemory memory_;
};

}  // namespace turbomind::cuda
