// Moves 6 bytes for each of rows * columns results.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "turbomind/cuda/kernels/skinny_epilogue.hpp"
#include "turbomind/cuda/kernels/swiglu.hpp"
#include "turbomind/cuda/kernels/vector8.hpp"
#include "turbomind/cuda/kernels/with_type.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kThreads = 256;

// A thread makes 8 neighbouring results of a row.
template <class T>
__global__ void __launch_bounds__(kThreads)
    swiglu_kernel(const T* gate_up, T* y, std::size_t vectors) {
  const std::size_t i = std::size_t{blockIdx.x} * kThreads + threadIdx.x;
  if (i >= vectors) return;
  // Rows are whole numbers of vectors, so vector i of y has its gates and ups at vectors 2i, 2i + 1.
  const Vector8<T> gate = load8(gate_up + i * 16);
  const Vector8<T> up = load8(gate_up + i * 16 + 8);
  Vector8<T> result;
  SIMT_UNROLL
  for (int j = 0; j < 8; ++j) {
    result.element[j] = from_float<T>(silu(to_float(gate.element[j])) * to_float(up.element[j]));
  }
  store8(y + i * 8, result);
}

}  // namespace

void swiglu(const SwiGlu& a, Stream stream) {
  const std::size_t vectors = std::size_t{a.rows} * (a.columns / 8);
  with_type(a.type, [&]<class T>() {
    simt::launch({.grid = dim3(static_cast<unsigned>((vectors + kThreads - 1) / kThreads)),
                  .block = dim3(kThreads),
                  .stream = stream},
                 swiglu_kernel<T>, static_cast<const T*>(a.gate_up), static_cast<T*>(a.y), vectors);
  });
}

}  // namespace turbomind::cuda
