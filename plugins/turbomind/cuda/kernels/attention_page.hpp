// The heart of both attention kernels: 16 query rows of one warp against the keys and values of a
// page, or half of one, with an online softmax. Device code; no shared memory, no barrier.
//
// Queries are the A operand of the tensor core (16 rows), keys its B operand (8 at a time). As in the
// skinny product both sides take head elements in the same freely chosen order, so that 16-byte loads
// from the row-major page are fragments as they come: lane (g, t) = (lane / 4, lane % 4) loads
// elements 32s + 8t .. + 7 of key g. The scores leave the tensor core in the layout in which the
// probabilities enter it again as A operand. For the values, lane (g, t) loads elements 8g .. 8g + 7
// of keys 2t, 2t + 1, 2t + 8 and 2t + 9 and pairs neighbouring keys by byte permutes: 128 contiguous
// bytes of four keys per load. Which element is column n of which product is free again: column n of
// product j is element 8n + j.
//
// Cost per page of 64 tokens at head_dim 128: 128 MMAs and 128 permutes for 32 KiB. An SM of an H100
// gets 32 KiB from HBM in 2260 clocks and from L1 in 256, and does the MMAs in 256 to 512.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/cuda/kernels/element.hpp"
#include "turbomind/cuda/kernels/page_layout.hpp"
#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::cuda {

constexpr std::uint32_t kRowsPerWarp = 16;

// The queries of rows g and g + 8, as A operands of two MMAs per 32 elements.
template <int kHeadDim>
struct QueryFragments {
  std::uint32_t a[kHeadDim / 32][2][4];
};

// upper and lower point at the rows g and g + 8; null for a row that is none: zeros.
template <class T, int kHeadDim>
__device__ __forceinline__ void load_queries(const T* upper, const T* lower,
                                             QueryFragments<kHeadDim>& q) {
  const std::uint32_t t = threadIdx.x % 4;
  SIMT_UNROLL
  for (int step = 0; step < kHeadDim / 32; ++step) {
    uint4 u = make_uint4(0, 0, 0, 0);
    uint4 l = make_uint4(0, 0, 0, 0);
    if (upper != nullptr) u = *reinterpret_cast<const uint4*>(upper + step * 32 + t * 8);
    if (lower != nullptr) l = *reinterpret_cast<const uint4*>(lower + step * 32 + t * 8);
    std::uint32_t(&first)[4] = q.a[step][0];
    std::uint32_t(&second)[4] = q.a[step][1];
    first[0] = u.x, first[1] = l.x, first[2] = u.y, first[3] = l.y;
    second[0] = u.z, second[1] = l.z, second[2] = u.w, second[3] = l.w;
  }
}

// Rows g and g + 8: what a lane knows of the softmax so far. `sum` is of this lane's keys alone.
template <int kHeadDim>
struct AttentionState {
  float out[kHeadDim / 8][4] = {};
  float max[2] = {-INFINITY, -INFINITY};
  float sum[2] = {0.0F, 0.0F};
};

// Neighbouring keys of a page that the warp looks at, all at once. The first is a multiple of 8.
template <class T>
struct KeyRun {
  const T* keys;  // as page_layout.hpp has them
  const T* values;
  std::uint32_t key_count;  // that exist for the warp, at least 1; the rest may be anything
  std::uint32_t limit[2];   // keys of the run that rows g and g + 8 attend to: 0 to key_count
};

// How much of a run there is. A whole one, to which all rows attend, needs no comparison per key:
// nearly all of a long context.
enum class RunKind { whole, partial };

// The 16-bit elements j of both vectors, side by side.
__device__ __forceinline__ std::uint32_t pair_of(const uint4& first, const uint4& second, int j) {
  const std::uint32_t a[4] = {first.x, first.y, first.z, first.w};
  const std::uint32_t b[4] = {second.x, second.y, second.z, second.w};
  return __byte_perm(a[j / 2], b[j / 2], j % 2 == 0 ? 0x5410 : 0x7632);
}

template <class T>
__device__ __forceinline__ std::uint32_t packed(float first, float second);
template <>
__device__ __forceinline__ std::uint32_t packed<__half>(float first, float second) {
  const __half2 pair = __floats2half2_rn(first, second);
  return *reinterpret_cast<const std::uint32_t*>(&pair);
}
template <>
__device__ __forceinline__ std::uint32_t packed<__nv_bfloat16>(float first, float second) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(first, second);
  return *reinterpret_cast<const std::uint32_t*>(&pair);
}

// Zeros beyond the last key: what stands there may be NaN, and zero times NaN would reach the result.
// The address in two steps, the lane's and a constant, as the compiler does not take it apart: it would
// keep one address per key.
template <int kHeadDim, RunKind kKind, class T>
__device__ __forceinline__ uint4 load_chunk(const KeyRun<T>& run, const PageChunk& chunk) {
  if (kKind == RunKind::partial && chunk.token() >= run.key_count) return make_uint4(0, 0, 0, 0);
  const T* const rows = chunk.part == PagePart::keys ? run.keys : run.values;
  const T* const own = rows + chunk.lane_token * kHeadDim +
                       element_in_row(chunk.part, chunk.lane_token, chunk.element);
  return *reinterpret_cast<const uint4*>(own + chunk.further_tokens * kHeadDim);
}

// Scores of the run: s[n][i] of row g (i < 2) or g + 8 and key 8n + 2t + i % 2.
template <class T, int kHeadDim, int kTiles, RunKind kKind>
__device__ __forceinline__ void score_run(const QueryFragments<kHeadDim>& q, const KeyRun<T>& run,
                                          float (&s)[kTiles][4]) {
  const std::uint32_t lane = threadIdx.x % 32;
  SIMT_UNROLL
  for (int n = 0; n < kTiles; ++n) {
    uint4 k[kHeadDim / 32];
    SIMT_UNROLL
    for (int step = 0; step < kHeadDim / 32; ++step) {
      k[step] = load_chunk<kHeadDim, kKind>(run, key_chunk(lane, n, step));
    }
    SIMT_UNROLL
    for (int i = 0; i < 4; ++i) s[n][i] = 0.0F;
    SIMT_UNROLL
    for (int step = 0; step < kHeadDim / 32; ++step) {
      const std::uint32_t first[2] = {k[step].x, k[step].y};
      const std::uint32_t second[2] = {k[step].z, k[step].w};
      simt::mma_16816<T>(s[n], q.a[step][0], first);
      simt::mma_16816<T>(s[n], q.a[step][1], second);
    }
  }
}

// From scores to probabilities relative to the new maximum, of row g (half = 0) or g + 8; returns the
// factor by which earlier results of the row shrink. scale: of the scores, in powers of two.
template <int kTiles, RunKind kKind>
__device__ __forceinline__ float soften(float (&s)[kTiles][4], int half, std::uint32_t limit,
                                        float scale, float& max, float& sum) {
  const std::uint32_t t = threadIdx.x % 4;
  float largest = max;
  SIMT_UNROLL
  for (int n = 0; n < kTiles; ++n) {
    SIMT_UNROLL
    for (int i = 0; i < 2; ++i) {
      float& score = s[n][half * 2 + i];
      const bool is_seen = kKind == RunKind::whole || n * 8 + 2 * t + i < limit;
      score = is_seen ? score * scale : -INFINITY;
      largest = fmaxf(largest, score);
    }
  }
  largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 1));
  largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 2));
  // A row that has seen no key yet has no maximum: its probabilities are zero.
  const float base = largest == -INFINITY ? 0.0F : largest;
  const float shrink = exp2f(max - base);
  max = largest;
  sum *= shrink;
  SIMT_UNROLL
  for (int n = 0; n < kTiles; ++n) {
    SIMT_UNROLL
    for (int i = 0; i < 2; ++i) {
      float& score = s[n][half * 2 + i];
      score = exp2f(score - base);
      sum += score;
    }
  }
  return shrink;
}

// Adds probabilities times values.
template <class T, int kHeadDim, int kTiles, RunKind kKind>
__device__ __forceinline__ void add_values(const float (&p)[kTiles][4], const KeyRun<T>& run,
                                           float (&out)[kHeadDim / 8][4]) {
  const std::uint32_t lane = threadIdx.x % 32;
  SIMT_UNROLL
  for (int step = 0; step < kTiles / 2; ++step) {
    const std::uint32_t a[4] = {packed<T>(p[2 * step][0], p[2 * step][1]),
                                packed<T>(p[2 * step][2], p[2 * step][3]),
                                packed<T>(p[2 * step + 1][0], p[2 * step + 1][1]),
                                packed<T>(p[2 * step + 1][2], p[2 * step + 1][3])};
    SIMT_UNROLL
    for (int part = 0; part < kHeadDim / 64; ++part) {
      uint4 v[4];
      SIMT_UNROLL
      for (int i = 0; i < 4; ++i) {
        v[i] = load_chunk<kHeadDim, kKind>(run, value_chunk(lane, step, part, i));
      }
      SIMT_UNROLL
      for (int j = 0; j < 8; ++j) {
        const std::uint32_t b[2] = {pair_of(v[0], v[1], j), pair_of(v[2], v[3], j)};
        simt::mma_16816<T>(out[part * 8 + j], a, b);
      }
    }
  }
}

// All of the above, over 8 * kTiles keys. kHasLower: rows g + 8 exist; without them half of the
// exponentials are saved.
template <class T, int kHeadDim, int kTiles, bool kHasLower, RunKind kKind>
__device__ __forceinline__ void attend_run(const QueryFragments<kHeadDim>& q, const KeyRun<T>& run,
                                           float scale, AttentionState<kHeadDim>& state) {
  float s[kTiles][4];
  score_run<T, kHeadDim, kTiles, kKind>(q, run, s);
  float shrink[2] = {1.0F, 1.0F};
  SIMT_UNROLL
  for (int half = 0; half < (kHasLower ? 2 : 1); ++half) {
    shrink[half] =
        soften<kTiles, kKind>(s, half, run.limit[half], scale, state.max[half], state.sum[half]);
  }
  // Maxima grow rarely after the first keys.
  if (__any_sync(0xFFFFFFFFU, shrink[0] != 1.0F || shrink[1] != 1.0F)) {
    SIMT_UNROLL
    for (int i = 0; i < kHeadDim / 8; ++i) {
      SIMT_UNROLL
      for (int j = 0; j < (kHasLower ? 4 : 2); ++j) state.out[i][j] *= shrink[j / 2];
    }
  }
  add_values<T, kHeadDim, kTiles, kKind>(s, run, state.out);
}

// The sum of a row over the four lanes that share it.
__device__ __forceinline__ float row_sum(float sum) {
  sum += __shfl_xor_sync(0xFFFFFFFFU, sum, 1);
  return sum + __shfl_xor_sync(0xFFFFFFFFU, sum, 2);
}

// Where lane t of a row has out[part * 8 + j][i % 2]: element part * 64 + 16 * t + i % 2 * 8 + j.
__device__ __forceinline__ std::uint32_t first_element(int part, int i) {
  return part * 64 + threadIdx.x % 4 * 16 + i % 2 * 8;
}

}  // namespace turbomind::cuda
