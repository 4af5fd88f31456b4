// Moves 4 * stride bytes a row.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "turbomind/cuda/kernels/embedding.hpp"
#include "turbomind/cuda/kernels/vector8.hpp"
#include "turbomind/cuda/kernels/with_type.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kThreads = 256;

template <class T>
__device__ __forceinline__ void copy_row(const T* source, T* target, std::uint32_t stride) {
  for (std::uint32_t column = threadIdx.x * 8; column < stride; column += kThreads * 8) {
    store8(target + column, load8(source + column));
  }
}

// A thread block per row.
template <class T>
__global__ void __launch_bounds__(kThreads)
    embed_kernel(const T* table, T* residual, std::uint32_t stride, const std::int32_t* token) {
  copy_row(table + static_cast<std::size_t>(token[blockIdx.x]) * stride,
           residual + std::size_t{blockIdx.x} * stride, stride);
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    embed_decode_kernel(const T* table, T* residual, std::uint32_t stride,
                        const std::uint32_t* batch, Slots slots, Rows rows) {
  simt::pdl_trigger();
  simt::pdl_wait();
  const std::uint32_t row = blockIdx.x;
  const std::uint32_t slot = batch[row];
  const bool is_live = slot < slots.max_slots && slots.is_live[slot] != 0;
  const std::int32_t token = is_live ? slots.token[slot] : 0;
  if (threadIdx.x == 0) {
    rows.slot[row] = is_live ? slot : slots.max_slots;
    rows.token[row] = token;
    rows.position[row] = is_live ? slots.position[slot] : 0;
  }
  copy_row(table + static_cast<std::size_t>(token) * stride, residual + std::size_t{row} * stride,
           stride);
}

}  // namespace

void embed(const Embedding& a, const Rows& rows, Stream stream) {
  with_type(a.type, [&]<class T>() {
    simt::launch({.grid = dim3(a.row_count), .block = dim3(kThreads), .stream = stream},
                 embed_kernel<T>, static_cast<const T*>(a.table), static_cast<T*>(a.residual),
                 a.stride, rows.token);
  });
}

void embed_decode(const Embedding& a, const std::uint32_t* batch, const Slots& slots,
                  const Rows& rows, Queue queue) {
  with_type(a.type, [&]<class T>() {
    simt::launch({.grid = dim3(a.row_count),
                  .block = dim3(kThreads),
                  .stream = queue.stream,
                  .is_dependent = queue.is_dependent},
                 embed_decode_kernel<T>, static_cast<const T*>(a.table),
                 static_cast<T*>(a.residual), a.stride, batch, slots, rows);
  });
}

}  // namespace turbomind::cuda
