// The main loop of the skinny product, and the meeting of its warps. Device code.
//
// A thread block owns 16 * kBlocks features and all rows; its eight warps share the inputs: warp w
// takes the 32-input steps w, w + 8, ... whatever the number of rows, and the warps' sums are added
// in warp order, so a row's bits depend on that row alone.
//
// Weights are the A operand of the tensor core (16 features), activations its B operand (8 rows). A
// dot product does not care in which order its terms come, as long as both sides agree: lane (g, t)
// = (lane / 4, lane % 4) loads the 8 neighbouring inputs at 8t of features g and g + 8 and of row g,
// and gives the first four of them to one MMA, the others to the next. So row-major memory goes
// straight into fragments, 16 bytes a load, without ldmatrix and without a second copy in another
// order.
//
// Budget: an SM of an H100 gets 14.5 bytes a clock from HBM, so 16 features x 32 inputs (1024 bytes)
// come every 70 clocks; they cost 2 * kTiles MMAs, about 26 clocks for 64 rows. kAhead steps of
// weights per lane are in flight: 32 KiB per block of one feature tile; Little's law asks for 18 KiB
// per SM.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::cuda {

constexpr std::uint32_t kSkinnyWarps = 8;
constexpr std::uint32_t kSkinnyThreads = 32 * kSkinnyWarps;
constexpr std::uint32_t kSkinnyStepInputs = 32;
constexpr std::uint32_t kTileFeatures = 16;
constexpr std::uint32_t kTileRows = 8;
constexpr std::uint32_t kMeetingTiles = 4;  // whose sums meet at once: 64 threads each

template <int kBlocks, int kTiles>
struct SkinnySums {
  float tile[kBlocks][kTiles][4] = {};
};

// Sums of one warp over its steps. w points at the block's first feature.
template <class T, int kBlocks, int kTiles, int kAhead>
__device__ __forceinline__ void skinny_loop(const T* w, const T* x, std::uint32_t rows,
                                            std::uint32_t inputs,
                                            SkinnySums<kBlocks, kTiles>& sums) {
  const std::uint32_t lane = threadIdx.x % 32;
  const std::uint32_t warp = threadIdx.x / 32;
  const std::uint32_t g = lane / 4;
  const std::uint32_t t = lane % 4;
  const std::uint32_t steps = inputs / kSkinnyStepInputs;
  constexpr std::uint32_t kVectors = kSkinnyStepInputs / 8;  // 16-byte vectors of a row and step
  const std::size_t row_vectors = inputs / 8;
  const uint4* const weights = reinterpret_cast<const uint4*>(w) + g * row_vectors + t;
  const uint4* const activations = reinterpret_cast<const uint4*>(x) + g * row_vectors + t;

  const simt::StreamPolicy policy = simt::stream_policy();
  uint4 ahead[kAhead][kBlocks][2];
  const auto load = [&](uint4(&target)[kBlocks][2], std::uint32_t step) {
    SIMT_UNROLL
    for (int block = 0; block < kBlocks; ++block) {
      SIMT_UNROLL
      for (int half = 0; half < 2; ++half) {
        target[block][half] = simt::load_streamed(
            weights + (block * 16 + half * 8) * row_vectors + step * kVectors, policy);
      }
    }
  };
  SIMT_UNROLL
  for (int i = 0; i < kAhead; ++i) {
    const std::uint32_t step = warp + i * kSkinnyWarps;
    if (step < steps) load(ahead[i], step);
  }
  simt::pdl_wait();  // weights are constants; activations are the kernel before's
  for (std::uint32_t base = warp; base < steps; base += kSkinnyWarps * kAhead) {
    SIMT_UNROLL
    for (int i = 0; i < kAhead; ++i) {
      const std::uint32_t step = base + i * kSkinnyWarps;
      if (step < steps) {
        SIMT_UNROLL
        for (int tile = 0; tile < kTiles; ++tile) {
          uint4 row = make_uint4(0, 0, 0, 0);
          if (tile * kTileRows + g < rows) {
            row = activations[tile * kTileRows * row_vectors + step * kVectors];
          }
          const std::uint32_t first[2] = {row.x, row.y};
          const std::uint32_t second[2] = {row.z, row.w};
          SIMT_UNROLL
          for (int block = 0; block < kBlocks; ++block) {
            const uint4(&a)[2] = ahead[i][block];
            const std::uint32_t upper[4] = {a[0].x, a[1].x, a[0].y, a[1].y};
            const std::uint32_t lower[4] = {a[0].z, a[1].z, a[0].w, a[1].w};
            simt::mma_16816<T>(sums.tile[block][tile], upper, first);
            simt::mma_16816<T>(sums.tile[block][tile], lower, second);
          }
        }
        const std::uint32_t next = step + kSkinnyWarps * kAhead;
        if (next < steps) load(ahead[i], next);
      }
    }
  }
}

// Adds the warps' sums in warp order and hands each pair of partners, features n and n + 8 of a tile,
// to epilogue(row, n, sum of n, sum of n + 8), once per row and pair of the block.
template <int kBlocks, int kTiles, class Epilogue>
__device__ __forceinline__ void skinny_meeting(const SkinnySums<kBlocks, kTiles>& sums,
                                               std::uint32_t rows, std::uint32_t first_feature,
                                               const Epilogue& epilogue) {
  constexpr int kAll = kBlocks * kTiles;
  constexpr int kAtOnce = kAll < static_cast<int>(kMeetingTiles) ? kAll : kMeetingTiles;
  constexpr int kPitch = kTileRows + 1;  // one more than rows: columns fall into other banks
  SIMT_SHARED(float, meeting, [kAtOnce][kSkinnyWarps][kTileFeatures * kPitch]);
  const std::uint32_t lane = threadIdx.x % 32;
  const std::uint32_t warp = threadIdx.x / 32;
  const std::uint32_t g = lane / 4;
  const std::uint32_t t = lane % 4;
  SIMT_UNROLL
  for (int first = 0; first < kAll; first += kAtOnce) {
    if (first > 0) __syncthreads();
    SIMT_UNROLL
    for (int i = 0; i < kAtOnce; ++i) {
      const float(&d)[4] = sums.tile[(first + i) / kTiles][(first + i) % kTiles];
      float* const own = meeting[i][warp];
      own[g * kPitch + 2 * t] = d[0];
      own[g * kPitch + 2 * t + 1] = d[1];
      own[(g + 8) * kPitch + 2 * t] = d[2];
      own[(g + 8) * kPitch + 2 * t + 1] = d[3];
    }
    __syncthreads();
    const std::uint32_t i = threadIdx.x / 64;
    const std::uint32_t feature = threadIdx.x % 8;
    const std::uint32_t column = threadIdx.x % 64 / 8;
    const std::uint32_t tile = (first + i) % kTiles;
    const std::uint32_t row = tile * kTileRows + column;
    if (i < kAtOnce && row < rows) {
      float sum = 0.0F;
      float partner = 0.0F;
      SIMT_UNROLL
      for (std::uint32_t w = 0; w < kSkinnyWarps; ++w) {
        sum += meeting[i][w][feature * kPitch + column];
        partner += meeting[i][w][(feature + 8) * kPitch + column];
      }
      const std::uint32_t block = (first + i) / kTiles;
      epilogue(row, first_feature + block * kTileFeatures + feature, sum, partner);
    }
  }
}

}  // namespace turbomind::cuda
