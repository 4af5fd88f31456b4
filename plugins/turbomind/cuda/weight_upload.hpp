// Weights from a source to device memory: strips of rows are read by several host threads at once,
// copied, and packed on the device into the order of the kernels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turbomind/cuda/kernels/weight_pack.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind::cuda {

// One run of columns of a tensor, and where it goes.
struct UploadPart {
  std::uint32_t first_column;  // of the tensor as the source delivers it
  std::uint32_t columns;
  RowOrder order;
  std::byte* target;  // row 0 of this part
};

struct Upload {
  Tensor tensor;
  std::uint32_t layer;
  std::uint64_t rows;
  std::uint64_t columns;
  std::uint32_t target_stride;  // elements of a target row
  bool is_transposed;           // false: rows go as they are to target rows of the one part
  std::vector<UploadPart> parts;
};

// Elements are 16 bits wide. Returns when all are there. Throws the first Error of any thread.
void upload_all(const WeightSource& source, RankSlice slice, const std::vector<Upload>& uploads);

}  // namespace turbomind::cuda
