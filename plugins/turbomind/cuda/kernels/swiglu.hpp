// silu(gate) * up, after the large product of w1 and w3. The skinny product does this itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

struct SwiGlu {
  DataType type;
  const void* gate_up;  // [rows][2 * columns]: in each run of 16, 8 gate features, then their up's
  void* y;              // [rows][columns]
  std::uint32_t rows;
  std::uint32_t columns;  // a multiple of 8
};

// Queues one kernel. fp32 inside; no overflow for any finite input (|x| to 60 and beyond).
void swiglu(const SwiGlu& arguments, Stream stream);

}  // namespace turbomind::cuda
