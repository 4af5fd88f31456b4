// Captured decode passes: one graph per exact number of rows, reach of the context and kind of
// sampling, captured when first needed and replayed from then on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>

#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

struct DecodeGraphKey {
  std::uint32_t rows;
  std::uint32_t max_context;
  bool needs_all_logits;

  auto operator<=>(const DecodeGraphKey&) const = default;
};

class DecodeGraphs {
 public:
  explicit DecodeGraphs(Stream stream) : stream_(stream) {}
  ~DecodeGraphs();
  DecodeGraphs(const DecodeGraphs&) = delete;
  DecodeGraphs& operator=(const DecodeGraphs&) = delete;

  bool has(const DecodeGraphKey& key) const { return graphs_.contains(key); }

  // Records what `queue` puts into the stream. It must have run once before: a first run loads
  // kernels and times matrix products, which a capture forbids. Throws Error.
  void capture(const DecodeGraphKey& key, const std::function<void()>& queue);

  // Queues one run of a captured graph.
  void launch(const DecodeGraphKey& key);

  // [any]
  std::uint64_t captured() const noexcept { return captured_; }
 private:
  Stream stream_;
  std::map<DecodeGraphKey, cudaGraphExec_t> graphs_;
  std::atomic<std::uint64_t> captured_{0};
};

}  // namespace turbomind::cuda
