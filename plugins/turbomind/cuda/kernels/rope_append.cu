// Moves 2 bytes in and 2 out for each of rows * (heads + 2 * kv_heads) * head_dim elements, and reads
// 4 * head_dim bytes of angles a row.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "turbomind/cuda/kernels/rope_append.hpp"
#include "turbomind/cuda/kernels/skinny_epilogue.hpp"
#include "turbomind/cuda/kernels/with_type.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kThreads = 256;

// The same epilogue as the skinny product's, over sums that have been rounded to T: a thread block per
// row, a thread per pair of partners.
template <class T>
__global__ void __launch_bounds__(kThreads)
    rope_append_kernel(T* qkv, QkvEpilogue<T> epilogue, std::uint32_t features) {
  const std::uint32_t row = blockIdx.x;
  const T* const source = qkv + std::size_t{row} * features;
  for (std::uint32_t pair = threadIdx.x; pair < features / 2; pair += kThreads) {
    const std::uint32_t feature = pair / 8 * 16 + pair % 8;
    epilogue(row, feature, to_float(source[feature]), to_float(source[feature + 8]));
  }
}

}  // namespace

void rope_append(const RopeAppend& a, Stream stream) {
  const std::uint32_t features = (a.heads + 2 * a.kv.kv_heads) * a.kv.head_dim;
  with_type(a.type, [&]<class T>() {
    simt::launch({.grid = dim3(a.row_count), .block = dim3(kThreads), .stream = stream},
                 rope_append_kernel<T>, static_cast<T*>(a.qkv),
                 QkvEpilogue<T>{.query = static_cast<T*>(a.qkv),
                                .query_stride = features,
                                .bias = static_cast<const T*>(a.bias),
                                .kv = a.kv,
                                .layer = a.layer,
                                .heads = a.heads,
                                .max_pages = a.slots->max_pages,
                                .pages = a.slots->pages,
                                .slot = a.rows->slot,
                                .position = a.rows->position,
                                .cos_sin = a.rope.cos_sin},
                 features);
  });
}

}  // namespace turbomind::cuda
