// Vectors of eight floats: AVX2 with FMA and F16C.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

#include "turbomind/cpu/kernels/simd_scalar.hpp"

namespace turbomind { namespace {

struct Avx2 {
  using Float = __m256;
  static constexpr std::uint32_t kWidth = 8;
  static constexpr std::uint32_t kGemmRows = 6;
  static constexpr std::uint32_t kAccumulators = 12;

  static Float zero() { return _mm256_setzero_ps(); }
  static Float set1(float value) { return _mm256_set1_ps(value); }
  static Float load(const float* p) { return _mm256_loadu_ps(p); }
  static __m128i load_halves(const std::uint16_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  static Float load_bf16(const std::uint16_t* p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_halves(p)), 16));
  }
  static Float load_f16(const std::uint16_t* p) { return _mm256_cvtph_ps(load_halves(p)); }
  static void load_bf16_pairs(const std::uint16_t* p, Float& low, Float& high) {
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    low = _mm256_castsi256_ps(_mm256_slli_epi32(words, 16));
    high = _mm256_castsi256_ps(
        _mm256_and_si256(words, _mm256_set1_epi32(static_cast<int>(0xffff0000U))));
  }
  static void store(float* p, Float v) { _mm256_storeu_ps(p, v); }
  static void store_bf16(std::uint16_t* p, Float v) {
    float values[kWidth];
    store(values, v);
    for (std::uint32_t i = 0; i < kWidth; ++i) p[i] = bf16_of(values[i]);
  }
  static void store_f16(std::uint16_t* p, Float v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
  }
  static Float fma(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
  static Float max(Float a, Float b) { return _mm256_max_ps(a, b); }
  static Float min(Float a, Float b) { return _mm256_min_ps(a, b); }
  static float reduce_add(Float v) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
  }
  static float reduce_max(Float v) {
    __m128 most = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    most = _mm_max_ps(most, _mm_movehl_ps(most, most));
    return _mm_cvtss_f32(_mm_max_ss(most, _mm_movehdup_ps(most)));
  }
  // Sum i is that of v[i], added in the same order for each i.
  static Float sum_each(const Float (&v)[8]) {
    const Float low = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    const Float high = _mm256_hadd_ps(_mm256_hadd_ps(v[4], v[5]), _mm256_hadd_ps(v[6], v[7]));
    return _mm256_permute2f128_ps(low, high, 0x20) + _mm256_permute2f128_ps(low, high, 0x31);
  }
  static Float round(Float v) {
    return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Float power_of_2(Float n) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
  }
  static Float keep_if_not_less(Float v, Float a, Float b) {
    return _mm256_and_ps(v, _mm256_cmp_ps(a, b, _CMP_GE_OQ));
  }
  static Float rotate(Float x, Float t) {
    const Float swapped = _mm256_permute_ps(x, 0xb1);
    return _mm256_fmaddsub_ps(x, _mm256_moveldup_ps(t),
                              _mm256_mul_ps(swapped, _mm256_movehdup_ps(t)));
  }
};

}}  // namespace turbomind
