// The words of CUDA C++: qualifiers, vector types, the built-in variables, shared memory, barriers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "thread_block.hpp"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define SIMT_UNROLL

// A static array in shared memory. Each place in the source has one per block.
#define SIMT_SHARED(type, name, dimensions)       \
  static const char name##_place = 0;             \
  using name##_type = type dimensions;            \
  name##_type& name = *static_cast<name##_type*>( \
      ::simt::this_block().shared_array(&name##_place, sizeof(name##_type), #name))

// Where a function was called, for reports.
#define SIMT_PLACE const char *file = __builtin_FILE(), int line = __builtin_LINE()

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

#define threadIdx (::simt::this_thread().index)
#define blockIdx (::simt::this_thread().block_index)
#define gridDim (::simt::this_thread().grid)

inline void __syncthreads(SIMT_PLACE) { ::simt::this_block().barrier(file, line); }
