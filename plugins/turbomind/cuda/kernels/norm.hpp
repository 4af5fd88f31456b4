// Root mean square norm of rows: y = x / sqrt(mean(x^2) + epsilon) * weight.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

struct RmsNorm {
  DataType type;                // fp16 or bf16: of x, weight and y
  const void* x;                // row r begins at r * stride
  const void* weight;           // [stride], zeros from `columns` on
  void* y;                      // [rows][stride]
  const std::uint32_t* row_of;  // [rows] which row of x becomes row i of y; null: row i
  std::uint32_t rows;
  std::uint32_t columns;  // elements that the mean is taken over
  std::uint32_t stride;   // >= columns, a multiple of 8; elements between are zero in x and in y
  float epsilon;
};

// Queues one kernel, a thread block per row. Sums are fp32 in a fixed order: a row's bits depend on
// that row alone.
void rms_norm(const RmsNorm& arguments, Queue queue);

}  // namespace turbomind::cuda
