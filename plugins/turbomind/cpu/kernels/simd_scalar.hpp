// Vectors of one float, and the 16-bit conversions, in plain C++: what kernels use for tails, and
// the model that simd_portable.hpp, simd_avx2.hpp and simd_avx512.hpp follow. Everything in these
// headers has internal linkage: each is compiled several times with different instruction sets,
// and the linker must not mix them (no std templates here for the same reason).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/model/architecture.hpp"

#if defined(__clang__)
#define LMBENCH_UNROLL _Pragma("unroll")
#else
#define LMBENCH_UNROLL _Pragma("GCC unroll 16")
#endif

namespace turbomind { namespace {

inline std::uint32_t bits_of(float value) { return __builtin_bit_cast(std::uint32_t, value); }
inline float float_of(std::uint32_t bits) { return __builtin_bit_cast(float, bits); }

inline float float_of_bf16(std::uint16_t bits) { return float_of(std::uint32_t{bits} << 16); }

inline std::uint16_t bf16_of(float value) {
  const std::uint32_t bits = bits_of(value);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

inline float float_of_f16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t magnitude = half & 0x7fffU;
  if (magnitude >= 0x7c00U) return float_of(sign | 0x7f800000U | (magnitude & 0x3ffU) << 13);
  // Exponent bias 15 becomes 127 by a multiplication, which also makes denormals normal.
  const float value = float_of(magnitude << 13) * float_of(0x77800000U);  // 2^112
  return float_of(bits_of(value) | sign);
}

inline std::uint16_t f16_of(float value) {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return static_cast<std::uint16_t>(sign | 0x7e00U);
  if (magnitude >= 0x477ff000U) return static_cast<std::uint16_t>(sign | 0x7c00U);  // >= 65520
  if (magnitude < 0x38800000U) {  // denormal half: adding 0.5 lets the FPU round at 2^-24
    const float shifted = float_of(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (bits_of(shifted) - 0x3f000000U));
  }
  const std::uint32_t rounded = magnitude + 0xfffU + ((magnitude >> 13) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000U) >> 13));
}

// A vector type V: kWidth floats in V::Float, and static functions on them. Pointers need no
// alignment.
struct Scalar {
  using Float = float;
  static constexpr std::uint32_t kWidth = 1;

  static Float zero() { return 0.0F; }
  static Float set1(float value) { return value; }
  static Float load(const float* p) { return *p; }
  static Float load_bf16(const std::uint16_t* p) { return float_of_bf16(*p); }
  static Float load_f16(const std::uint16_t* p) { return float_of_f16(*p); }
  static void store(float* p, Float v) { *p = v; }
  static void store_bf16(std::uint16_t* p, Float v) { *p = bf16_of(v); }
  static void store_f16(std::uint16_t* p, Float v) { *p = f16_of(v); }
  static Float fma(Float a, Float b, Float c) { return a * b + c; }
  static Float max(Float a, Float b) { return a > b ? a : b; }
  static Float min(Float a, Float b) { return a < b ? a : b; }
  static float reduce_add(Float v) { return v; }
  static float reduce_max(Float v) { return v; }
  static Float sum_each(const Float (&v)[1]) { return v[0]; }
  // v rounded to an integer, and 2 to an integer in [-126, 127].
  static Float round(Float v) { return (v + 12582912.0F) - 12582912.0F; }
  static Float power_of_2(Float n) {
    return float_of(static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23);
  }
  // v where a >= b, else 0.
  static Float keep_if_not_less(Float v, Float a, Float b) { return a >= b ? v : 0.0F; }
};

// exp(x) to 2 ulp for x in [-87, 88]; 0 below, exp(88) above. Coefficients: Cephes expf.
template <class V>
typename V::Float exp_of(typename V::Float x) {
  using Float = typename V::Float;
  const Float clamped = V::min(V::max(x, V::set1(-87.0F)), V::set1(88.0F));
  const Float n = V::round(clamped * V::set1(1.44269504088896341F));
  Float r = V::fma(n, V::set1(-0.693359375F), clamped);
  r = V::fma(n, V::set1(2.12194440e-4F), r);
  Float p = V::set1(1.9875691500e-4F);
  p = V::fma(p, r, V::set1(1.3981999507e-3F));
  p = V::fma(p, r, V::set1(8.3334519073e-3F));
  p = V::fma(p, r, V::set1(4.1665795894e-2F));
  p = V::fma(p, r, V::set1(1.6666665459e-1F));
  p = V::fma(p, r, V::set1(5.0000001201e-1F));
  p = V::fma(p, r * r, r + V::set1(1.0F));
  return V::keep_if_not_less(p * V::power_of_2(n), x, V::set1(-87.0F));
}

// Loads and stores of kWidth elements of a type known at compile time.
template <class V, DataType type>
typename V::Float load_as(const void* base, std::size_t index) {
  if constexpr (type == DataType::fp32) return V::load(static_cast<const float*>(base) + index);
  if constexpr (type == DataType::bf16) {
    return V::load_bf16(static_cast<const std::uint16_t*>(base) + index);
  }
  if constexpr (type == DataType::fp16) {
    return V::load_f16(static_cast<const std::uint16_t*>(base) + index);
  }
}

template <class V>
void store_as(DataType type, void* base, std::size_t index, typename V::Float value) {
  if (type == DataType::fp32) V::store(static_cast<float*>(base) + index, value);
  if (type == DataType::bf16) V::store_bf16(static_cast<std::uint16_t*>(base) + index, value);
  if (type == DataType::fp16) V::store_f16(static_cast<std::uint16_t*>(base) + index, value);
}

inline std::uint32_t min_of(std::uint32_t a, std::uint32_t b) { return a < b ? a : b; }

}}  // namespace turbomind
