// The weights of one rank in device memory, in the order of the kernels: [out, in] row-major, rows
// reordered for the epilogues, padded with zeros (kernels/weight_pack.hpp, device_shape.hpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/device_shape.hpp"
#include "turbomind/cuda/weight_upload.hpp"
#include "turbomind/memory_cutter.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind::cuda {

// Device pointers to elements of the model's type.
struct DeviceLayer {
  std::byte* attention_norm = nullptr;  // [hidden_stride]
  std::byte* qkv = nullptr;             // [qkv_columns][hidden_stride]
  std::byte* qkv_bias = nullptr;        // [qkv_columns], or null
  std::byte* wo = nullptr;              // [hidden_stride][query_columns]
  std::byte* wo_bias = nullptr;         // [hidden_stride], or null; null on all ranks but the first
  std::byte* ffn_norm = nullptr;        // [hidden_stride]
  std::byte* gate_up = nullptr;         // [2 * inter_stride][hidden_stride]
  std::byte* down = nullptr;            // [hidden_stride][inter_stride]
};

class DeviceWeights {
 public:
  // Reads and packs everything on the current device, with several host threads. Throws Error: of
  // the source, out_of_memory, or device_error.
  DeviceWeights(const WeightSource& source, RankSlice slice);

  const DeviceShape& shape() const noexcept { return shape_; }
  const std::vector<DeviceLayer>& layers() const noexcept { return layers_; }
  const std::byte* norm() const noexcept { return norm_; }  // [hidden_stride]
  const std::byte* head() const noexcept { return head_; }  // [head_stride][hidden_stride]
  const std::byte* embedding() const noexcept { return embedding_; }  // [V][hidden_stride]
  std::size_t bytes() const noexcept { return memory_.size(); }
 private:
  void lay_out(MemoryCutter& cutter);
  bool has(Tensor tensor) const;
  Upload upload_of(Tensor tensor, std::uint32_t layer_index) const;

  Architecture architecture_;
  RankSlice slice_;
  DeviceShape shape_;
  DeviceMemory memory_;
  std::vector<DeviceLayer> layers_;
  std::byte* norm_ = nullptr;
  std::byte* head_ = nullptr;
  std::byte* embedding_ = nullptr;  // the head itself where it is tied and here as a whole
};

}  // namespace turbomind::cuda
