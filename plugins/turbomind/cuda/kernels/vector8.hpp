// Eight neighbouring 16-bit elements: what one thread loads or stores at once, 16 bytes. Device code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/element.hpp"
#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::cuda {

template <class T>
struct alignas(16) Vector8 {
  T element[8];
};

template <class T>
__device__ __forceinline__ Vector8<T> load8(const T* source) {
  return *reinterpret_cast<const Vector8<T>*>(source);
}

template <class T>
__device__ __forceinline__ void store8(T* target, const Vector8<T>& vector) {
  *reinterpret_cast<Vector8<T>*>(target) = vector;
}

}  // namespace turbomind::cuda
