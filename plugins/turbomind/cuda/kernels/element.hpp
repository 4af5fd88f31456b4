// One element of a tensor, to and from fp32. Device code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::cuda {

__device__ __forceinline__ float to_float(__half value) { return __half2float(value); }
__device__ __forceinline__ float to_float(__nv_bfloat16 value) { return __bfloat162float(value); }

template <class T>
__device__ __forceinline__ T from_float(float value);
template <>
__device__ __forceinline__ __half from_float<__half>(float value) {
  return __float2half_rn(value);
}
template <>
__device__ __forceinline__ __nv_bfloat16 from_float<__nv_bfloat16>(float value) {
  return __float2bfloat16_rn(value);
}

}  // namespace turbomind::cuda
