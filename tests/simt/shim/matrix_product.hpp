// The tensor core's product of fragments, see mma_16816 in the device's simt.hpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "float16_types.hpp"
#include "kernel_language.hpp"

namespace simt {

// What a lane brings to a product.
struct Fragments {
  float* d;                // [4]
  const std::uint32_t* a;  // [4]
  const std::uint32_t* b;  // [2]
  bool is_bf16;
};

void multiply_fragments(void* const* fragments, unsigned mask);

template <class T>
void mma_16816(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
               SIMT_PLACE) {
  Fragments own{d, a, b, std::is_same_v<T, __nv_bfloat16>};
  this_block().meet(~0U, multiply_fragments, &own, "mma_16816", file, line);
}

}  // namespace simt
