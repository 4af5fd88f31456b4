// From the type that a launcher is told to the type that a kernel is compiled for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lmbench/plugin.hpp>

#include "turbomind/cuda/kernels/simt.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

// body.operator()<T>(). Throws Error(unsupported) for fp32.
template <class Body>
void with_type(DataType type, const Body& body) {
  if (type == DataType::fp16) return body.template operator()<__half>();
  if (type == DataType::bf16) return body.template operator()<__nv_bfloat16>();
  throw lmbench::sdk::Error(lmbench::Code::unsupported,
                            "the CUDA kernels compute in fp16 and bf16, not in fp32");
}

}  // namespace turbomind::cuda
