// The pages of keys and values of one rank: a page holds kPageTokens tokens of one sequence for all
// layers and local KV heads. The address range is taken at once; a page costs memory once used.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "turbomind/cpu/anonymous_memory.hpp"
#include "turbomind/cpu/kernels/arguments.hpp"

namespace turbomind {

class KvPool {
 public:
  KvPool(std::uint32_t pages, std::uint32_t layers, std::uint32_t kv_heads, std::uint32_t head_dim,
         DataType type) {
    KvLayer layer{.data = nullptr, .page_bytes = 0, .type = type, .head_dim = head_dim};
    const std::size_t layer_bytes = kv_heads * layer.head_bytes();
    layer.page_bytes = layers * layer_bytes;
    memory_ = AnonymousMemory(pages * layer.page_bytes, MemoryUseKind::sparse, "the KV pool");
    for (std::uint32_t i = 0; i < layers; ++i) {
      layer.data = memory_.data() + i * layer_bytes;
      layers_.push_back(layer);
    }
  }

  const KvLayer& layer(std::uint32_t index) const noexcept { return layers_[index]; }
  std::size_t bytes() const noexcept { return memory_.size(); }
 private:
  AnonymousMemory memory_;
  std::vector<KvLayer> layers_;
};

}  // namespace turbomind
