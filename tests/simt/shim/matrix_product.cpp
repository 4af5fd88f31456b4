// Nearly all the time of the tests is spent here: it is optimised, and free of instrumentation, in
// every build. It touches the lanes' registers and nothing else.
// SPDX-License-Identifier: Apache-2.0
#include "matrix_product.hpp"

#include "launch.hpp"

namespace simt {
namespace {

constexpr unsigned kRows = 16;  // of a
constexpr unsigned kInner = 16;
constexpr unsigned kColumns = 8;  // of b

float element(std::uint32_t pair, unsigned which, bool is_bf16) {
  const auto bits = static_cast<std::uint16_t>(pair >> (16 * which));
  return is_bf16 ? turbomind::float_from_bf16(bits) : turbomind::float_from_fp16(bits);
}

}  // namespace

void multiply_fragments(void* const* fragments, unsigned mask) {
  if (mask != ~0U) throw Error("mma_16816 needs all 32 lanes");
  float a[kRows][kInner];
  float b[kInner][kColumns];
  float d[kRows][kColumns] = {};
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    const auto& own = *static_cast<const Fragments*>(fragments[lane]);
    const unsigned g = lane / 4;
    const unsigned t = lane % 4;
    for (unsigned which = 0; which < 2; ++which) {
      for (unsigned i = 0; i < 4; ++i) {
        a[g + i % 2 * 8][2 * t + i / 2 * 8 + which] = element(own.a[i], which, own.is_bf16);
      }
      for (unsigned i = 0; i < 2; ++i) {
        b[2 * t + i * 8 + which][g] = element(own.b[i], which, own.is_bf16);
      }
    }
  }
  for (unsigned row = 0; row < kRows; ++row) {
    for (unsigned k = 0; k < kInner; ++k) {
      for (unsigned column = 0; column < kColumns; ++column) {
        d[row][column] += a[row][k] * b[k][column];
      }
    }
  }
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    const auto& own = *static_cast<const Fragments*>(fragments[lane]);
    for (unsigned i = 0; i < 4; ++i) own.d[i] += d[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2];
  }
}

}  // namespace simt
