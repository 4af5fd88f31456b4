// Vectors of four floats through the compiler's vector extension: SSE2 on x86-64, whatever there
// is elsewhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/simd_scalar.hpp"

namespace turbomind { namespace {

struct Portable {
  typedef float Float __attribute__((vector_size(16)));
  typedef std::int32_t Int __attribute__((vector_size(16)));
  typedef std::uint32_t Word __attribute__((vector_size(16)));
  static constexpr std::uint32_t kWidth = 4;
  static constexpr std::uint32_t kGemmRows = 4;      // most rows of a register block
  static constexpr std::uint32_t kAccumulators = 8;  // vectors of a register block

  static Float zero() { return Float{}; }
  static Float set1(float value) { return Float{value, value, value, value}; }
  static Float load(const float* p) {
    Float v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static Float load_bf16(const std::uint16_t* p) {
    return Float{float_of_bf16(p[0]), float_of_bf16(p[1]), float_of_bf16(p[2]),
                 float_of_bf16(p[3])};
  }
  static Float load_f16(const std::uint16_t* p) {
    return Float{float_of_f16(p[0]), float_of_f16(p[1]), float_of_f16(p[2]), float_of_f16(p[3])};
  }
  // Four pairs (low half first) of bf16.
  static void load_bf16_pairs(const std::uint16_t* p, Float& low, Float& high) {
    Word words;
    __builtin_memcpy(&words, p, sizeof words);
    low = __builtin_bit_cast(Float, words << 16);
    high = __builtin_bit_cast(Float, words & 0xffff0000U);
  }
  static void store(float* p, Float v) { __builtin_memcpy(p, &v, sizeof v); }
  static void store_bf16(std::uint16_t* p, Float v) {
    for (int i = 0; i < 4; ++i) p[i] = bf16_of(v[i]);
  }
  static void store_f16(std::uint16_t* p, Float v) {
    for (int i = 0; i < 4; ++i) p[i] = f16_of(v[i]);
  }
  static Float fma(Float a, Float b, Float c) { return a * b + c; }
  static Float max(Float a, Float b) { return a > b ? a : b; }
  static Float min(Float a, Float b) { return a < b ? a : b; }
  static float reduce_add(Float v) { return (v[0] + v[2]) + (v[1] + v[3]); }
  static float reduce_max(Float v) {
    return Scalar::max(Scalar::max(v[0], v[2]), Scalar::max(v[1], v[3]));
  }
  // Sum i is that of v[i], added in the same order for each i.
  static Float sum_each(const Float (&v)[4]) {
    return Float{reduce_add(v[0]), reduce_add(v[1]), reduce_add(v[2]), reduce_add(v[3])};
  }
  static Float round(Float v) { return (v + 12582912.0F) - 12582912.0F; }
  static Float power_of_2(Float n) {
    return __builtin_bit_cast(Float, (__builtin_convertvector(n, Int) + 127) << 23);
  }
  static Float keep_if_not_less(Float v, Float a, Float b) { return a >= b ? v : Float{}; }
  // Rotates pairs (x0, x1) by pairs (cos, sin).
  static Float rotate(Float x, Float t) {
    return Float{x[0] * t[0] - x[1] * t[1], x[0] * t[1] + x[1] * t[0], x[2] * t[2] - x[3] * t[3],
                 x[2] * t[3] + x[3] * t[2]};
  }
};

}}  // namespace turbomind
