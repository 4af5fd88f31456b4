// Vectors of sixteen floats: AVX-512 F, BW, VL, DQ.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

#include "turbomind/cpu/kernels/simd_scalar.hpp"

namespace turbomind { namespace {

struct Avx512 {
  using Float = __m512;
  static constexpr std::uint32_t kWidth = 16;
  static constexpr std::uint32_t kGemmRows = 6;
  static constexpr std::uint32_t kAccumulators = 24;

  static Float zero() { return _mm512_setzero_ps(); }
  static Float set1(float value) { return _mm512_set1_ps(value); }
  static Float load(const float* p) { return _mm512_loadu_ps(p); }
  static __m256i load_halves(const std::uint16_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static Float load_bf16(const std::uint16_t* p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_halves(p)), 16));
  }
  static Float load_f16(const std::uint16_t* p) { return _mm512_cvtph_ps(load_halves(p)); }
  static void load_bf16_pairs(const std::uint16_t* p, Float& low, Float& high) {
    const __m512i words = _mm512_loadu_si512(p);
    low = _mm512_castsi512_ps(_mm512_slli_epi32(words, 16));
    high = _mm512_castsi512_ps(
        _mm512_and_si512(words, _mm512_set1_epi32(static_cast<int>(0xffff0000U))));
  }
  static void store(float* p, Float v) { _mm512_storeu_ps(p, v); }
  static void store_bf16(std::uint16_t* p, Float v) {
    const __m512i bits = _mm512_castps_si512(v);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i rounded =
        _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    const __mmask16 is_nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    const __m512i words = _mm512_mask_or_epi32(rounded, is_nan, bits, _mm512_set1_epi32(0x400000));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                        _mm512_cvtepi32_epi16(_mm512_srli_epi32(words, 16)));
  }
  static void store_f16(std::uint16_t* p, Float v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                        _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
  }
  static Float fma(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
  static Float max(Float a, Float b) { return _mm512_max_ps(a, b); }
  static Float min(Float a, Float b) { return _mm512_min_ps(a, b); }
  static float reduce_add(Float v) { return _mm512_reduce_add_ps(v); }
  static float reduce_max(Float v) { return _mm512_reduce_max_ps(v); }
  // Sum i is that of v[i], added in the same order for each i.
  static Float sum_each(const Float (&v)[16]) {
    Float quarters[4];  // four vectors in one, each as four partial sums: one per 128 bits
    for (int i = 0; i < 4; ++i) {
      const Float* const w = v + 4 * i;
      const __m512d low =
          _mm512_castps_pd(_mm512_unpacklo_ps(w[0], w[1]) + _mm512_unpackhi_ps(w[0], w[1]));
      const __m512d high =
          _mm512_castps_pd(_mm512_unpacklo_ps(w[2], w[3]) + _mm512_unpackhi_ps(w[2], w[3]));
      quarters[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high)) +
                    _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
    }
    const auto fold = [](Float a, Float b) {
      return _mm512_shuffle_f32x4(a, b, 0x88) + _mm512_shuffle_f32x4(a, b, 0xdd);
    };
    return fold(fold(quarters[0], quarters[1]), fold(quarters[2], quarters[3]));
  }
  static Float round(Float v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT); }
  static Float power_of_2(Float n) {
    const __m512i exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23));
  }
  static Float keep_if_not_less(Float v, Float a, Float b) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, b, _CMP_GE_OQ), v);
  }
  static Float rotate(Float x, Float t) {
    const Float swapped = _mm512_permute_ps(x, 0xb1);
    return _mm512_fmaddsub_ps(x, _mm512_moveldup_ps(t),
                              _mm512_mul_ps(swapped, _mm512_movehdup_ps(t)));
  }
};

}}  // namespace turbomind
