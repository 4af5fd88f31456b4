// SPDX-License-Identifier: Apache-2.0
#include "arithmetic_peak.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__clang__)
#define LMBENCH_PERF_UNROLL _Pragma("unroll")
#else
#define LMBENCH_PERF_UNROLL _Pragma("GCC unroll 16")
#endif

namespace turbomind::perf {
namespace {

// Latency times throughput of current cores is 8 to 12.
constexpr int kChains = 16;

// The sums have to end somewhere, or the loops would be taken out.
template <class Vector>
void keep(Vector& value) {
  asm volatile("" : : "m"(value));
}

// Without extensions: four floats, a multiplication and an addition.
void multiply_add_portable(std::uint64_t rounds) noexcept {
  using Four = float __attribute__((vector_size(16)));
  Four sums[kChains]{};
  const Four factor = {0.5F, 0.5F, 0.5F, 0.5F};
  const Four summand = {1.0F, 2.0F, 3.0F, 4.0F};
  for (std::uint64_t i = 0; i < rounds; ++i) {
    LMBENCH_PERF_UNROLL for (int c = 0; c < kChains; ++c) sums[c] = sums[c] * factor + summand;
  }
  for (Four& sum : sums) keep(sum);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void multiply_add_avx2(std::uint64_t rounds) noexcept {
  constexpr int kFewerChains = 12;  // of 16 registers
  __m256 sums[kFewerChains];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  const __m256 factor = _mm256_set1_ps(0.5F);
  const __m256 summand = _mm256_set1_ps(3.0F);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    LMBENCH_PERF_UNROLL for (int c = 0; c < kFewerChains; ++c) {
      sums[c] = _mm256_fmadd_ps(sums[c], factor, summand);
    }
  }
  for (__m256& sum : sums) keep(sum);
}

__attribute__((target("avx512f"))) void multiply_add_avx512(std::uint64_t rounds) noexcept {
  __m512 sums[kChains];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  const __m512 factor = _mm512_set1_ps(0.5F);
  const __m512 summand = _mm512_set1_ps(3.0F);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    LMBENCH_PERF_UNROLL for (int c = 0; c < kChains; ++c) {
      sums[c] = _mm512_fmadd_ps(sums[c], factor, summand);
    }
  }
  for (__m512& sum : sums) keep(sum);
}

__attribute__((target("avx512f,avx512bf16"))) void multiply_add_bf16(
    std::uint64_t rounds) noexcept {
  __m512 sums[kChains];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  const __m512bh pairs = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5F), _mm512_set1_ps(0.25F));
  for (std::uint64_t i = 0; i < rounds; ++i) {
    LMBENCH_PERF_UNROLL for (int c = 0; c < kChains; ++c) {
      sums[c] = _mm512_dpbf16_ps(sums[c], pairs, pairs);
    }
  }
  for (__m512& sum : sums) keep(sum);
}

// Layout of LDTILECFG: palette 1, then bytes per row and rows of each tile.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14]{};
  std::uint16_t row_bytes[16]{64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16]{16, 16, 16, 16, 16, 16, 16, 16};
};

__attribute__((target("amx-tile,amx-bf16"))) void multiply_add_tiles(
    std::uint64_t rounds) noexcept {
  const TileConfiguration configuration;
  _tile_loadconfig(&configuration);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    _tile_dpbf16ps(0, 4, 5);
    _tile_dpbf16ps(1, 4, 5);
    _tile_dpbf16ps(2, 4, 5);
    _tile_dpbf16ps(3, 4, 5);
  }
  _tile_release();
}
#endif

}  // namespace

Arithmetic best_arithmetic(Isa isa, [[maybe_unused]] DataType weights) {
#if defined(__x86_64__)
  const bool is_bf16 = weights == DataType::bf16;
  constexpr double kTileFlops = 2.0 * 16 * 16 * 32;
  if (is_bf16 && isa >= Isa::amx) {
    return {"bf16, AMX tiles", 4 * kTileFlops, multiply_add_tiles};
  }
  if (is_bf16 && isa >= Isa::avx512_bf16) {
    return {"bf16, vdpbf16ps of 512 bit", kChains * 64.0, multiply_add_bf16};
  }
  if (isa >= Isa::avx512) return {"fp32, FMA of 512 bit", kChains * 32.0, multiply_add_avx512};
  if (isa >= Isa::avx2) return {"fp32, FMA of 256 bit", 12 * 16.0, multiply_add_avx2};
#else
  static_cast<void>(isa);
#endif
  return {"fp32, 128 bit without FMA", kChains * 8.0, multiply_add_portable};
}

}  // namespace turbomind::perf
