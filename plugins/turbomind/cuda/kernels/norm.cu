// Reads and writes 2 * stride bytes a row: 16 KB at h = 4096, nothing beside the products. What
// counts at one row is latency: one load of everything, two shuffles' worth of sums, one barrier.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "turbomind/cuda/kernels/norm.hpp"
#include "turbomind/cuda/kernels/vector8.hpp"
#include "turbomind/cuda/kernels/with_type.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kThreads = 512;
constexpr std::uint32_t kKeptVectors = 2;  // of a row per thread, in registers: up to 8192 elements
constexpr std::uint32_t kFewRows = 128;    // about one block per SM of an A100 or H100

__device__ __forceinline__ float warp_sum(float value) {
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(0xFFFFFFFFU, value, lanes);
  }
  return value;
}

// Of all threads, for all threads. Called once per kernel: sums are not to be written again.
__device__ __forceinline__ float block_sum(float value) {
  SIMT_SHARED(float, sums, [kThreads / 32]);
  value = warp_sum(value);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
  __syncthreads();
  const std::uint32_t lane = threadIdx.x % 32;
  return warp_sum(lane < kThreads / 32 ? sums[lane] : 0.0F);
}

template <class T>
__device__ __forceinline__ float sum_of_squares(const Vector8<T>& vector) {
  float sum = 0.0F;
  SIMT_UNROLL
  for (int i = 0; i < 8; ++i) {
    const float value = to_float(vector.element[i]);
    sum += value * value;
  }
  return sum;
}

template <class T>
__device__ __forceinline__ Vector8<T> scaled(const Vector8<T>& x, const Vector8<T>& weight,
                                             float factor) {
  Vector8<T> y;
  SIMT_UNROLL
  for (int i = 0; i < 8; ++i) {
    y.element[i] = from_float<T>(to_float(x.element[i]) * factor * to_float(weight.element[i]));
  }
  return y;
}

// A thread block per row. kIsFew: latency counts, so the weight comes before the row does; where many
// blocks share an SM it would cost the registers of one of them.
template <class T, bool kIsFew>
__global__ void __launch_bounds__(kThreads)
    norm_kernel(const T* x, const T* weight, T* y, const std::uint32_t* row_of,
                std::uint32_t columns, std::uint32_t stride, float epsilon) {
  simt::pdl_trigger();
  const std::uint32_t first = threadIdx.x * 8;
  constexpr std::uint32_t kStep = kThreads * 8;
  Vector8<T> kept_weight[kKeptVectors];
  SIMT_UNROLL
  for (std::uint32_t i = 0; i < kKeptVectors; ++i) {
    const std::uint32_t column = first + i * kStep;
    if (kIsFew && column < stride) kept_weight[i] = load8(weight + column);
  }
  simt::pdl_wait();  // weights are constants; rows are the kernel before's
  const std::size_t row = row_of == nullptr ? blockIdx.x : row_of[blockIdx.x];
  const T* const source = x + row * stride;
  T* const target = y + std::size_t{blockIdx.x} * stride;

  Vector8<T> kept[kKeptVectors];
  float sum = 0.0F;
  SIMT_UNROLL
  for (std::uint32_t i = 0; i < kKeptVectors; ++i) {
    const std::uint32_t column = first + i * kStep;
    if (column < stride) {
      kept[i] = load8(source + column);
      sum += sum_of_squares(kept[i]);
    }
  }
  for (std::uint32_t column = first + kKeptVectors * kStep; column < stride; column += kStep) {
    sum += sum_of_squares(load8(source + column));
  }
  const float factor = rsqrtf(block_sum(sum) / static_cast<float>(columns) + epsilon);
  SIMT_UNROLL
  for (std::uint32_t i = 0; i < kKeptVectors; ++i) {
    const std::uint32_t column = first + i * kStep;
    if (column >= stride) continue;
    if (!kIsFew) kept_weight[i] = load8(weight + column);
    store8(target + column, scaled(kept[i], kept_weight[i], factor));
  }
  for (std::uint32_t column = first + kKeptVectors * kStep; column < stride; column += kStep) {
    store8(target + column, scaled(load8(source + column), load8(weight + column), factor));
  }
}

}  // namespace

void rms_norm(const RmsNorm& a, Queue queue) {
  with_type(a.type, [&]<class T>() {
    simt::launch({.grid = dim3(a.rows),
                  .block = dim3(kThreads),
                  .stream = queue.stream,
                  .is_dependent = queue.is_dependent},
                 a.rows <= kFewRows ? norm_kernel<T, true> : norm_kernel<T, false>,
                 static_cast<const T*>(a.x), static_cast<const T*>(a.weight), static_cast<T*>(a.y),
                 a.row_of, a.columns, a.stride, a.epsilon);
  });
}

}  // namespace turbomind::cuda
