// Flash decoding: a thread block has one split of 256 tokens of a row and KV head, a page for each of
// its four warps, and up to 16 query heads of the group. The warps' results meet in shared memory;
// a row of several splits leaves partial results, which the block that ends last merges in index
// order, so that no bit depends on timing.
//
// Bytes: 128 KiB per block at head_dim 128, all of its loads independent; three blocks of 128 threads
// per SM keep some 50 KiB in flight where Little's law asks for 18.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/attention_page.hpp"
#include "turbomind/cuda/kernels/decode_attention.hpp"
#include "turbomind/cuda/kernels/with_head_dim.hpp"
#include "turbomind/cuda/kernels/with_type.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kWarps = kDecodeSplitTokens / kPageTokens;
constexpr std::uint32_t kThreads = 32 * kWarps;

template <class T>
struct DecodeParameters {
  const T* query;
  std::uint32_t query_stride;
  T* output;
  KvPages kv;
  std::uint32_t layer;
  const std::uint32_t* pages;  // Slots::pages
  std::uint32_t max_pages;
  const std::uint32_t* slot;  // Rows::slot
  const std::uint32_t* position;
  std::uint32_t heads;
  float scale;
  float* partials;  // [row][split][head][head_dim + 2]: sums of values, maximum, sum
  std::uint32_t* tickets;
};

// The query heads of one block.
struct HeadTile {
  std::uint32_t kv_head;
  std::uint32_t first;  // query head
  std::uint32_t count;  // 1 to kRows
};

template <int kRows>
__device__ __forceinline__ HeadTile head_tile(std::uint32_t group) {
  const std::uint32_t tiles = (group + kRows - 1) / kRows;
  const std::uint32_t kv_head = blockIdx.x / tiles;
  const std::uint32_t first = blockIdx.x % tiles * kRows;
  return {kv_head, kv_head * group + first, min(group - first, std::uint32_t{kRows})};
}

// One element of an attention over parts of the context.
struct Merged {
  float max;
  float sum;
  float out;

  __device__ float value() const { return out / sum; }
};

// Adds `count` parts in order: part(i) is part i's maximum, sum and element.
template <class Part>
__device__ __forceinline__ Merged merge(std::uint32_t count, const Part& part) {
  Merged all{-INFINITY, 0.0F, 0.0F};
  for (std::uint32_t i = 0; i < count; ++i) all.max = fmaxf(all.max, part(i).max);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Merged one = part(i);
    // A part without keys has no maximum, and weighs nothing.
    const float weight = one.max == -INFINITY ? 0.0F : exp2f(one.max - all.max);
    all.sum += weight * one.sum;
    all.out += weight * one.out;
  }
  return all;
}

// One warp's page; nothing where the context ends before it.
template <class T, int kHeadDim, int kRows>
__device__ __forceinline__ void attend_split(const DecodeParameters<T>& p, const HeadTile& tile,
                                             std::uint32_t row, std::uint32_t context,
                                             AttentionState<kHeadDim>& state) {
  const std::uint32_t begin = blockIdx.y * kDecodeSplitTokens + threadIdx.x / 32 * kPageTokens;
  if (begin >= context) return;
  const std::uint32_t g = threadIdx.x % 32 / 4;
  const T* const query =
      p.query + std::size_t{row} * p.query_stride + (std::size_t{tile.first} + g) * kHeadDim;
  QueryFragments<kHeadDim> q;
  load_queries<T, kHeadDim>(g < tile.count ? query : nullptr,
                            g + 8 < tile.count ? query + 8 * kHeadDim : nullptr, q);
  const std::uint32_t page_id =
      p.pages[std::size_t{p.slot[row]} * p.max_pages + begin / kPageTokens];
  const T* const keys =
      static_cast<const T*>(p.kv.data) + p.kv.keys_at(page_id, p.layer, tile.kv_head);
  const std::uint32_t count = min(kPageTokens, context - begin);
  const KeyRun<T> run{keys, keys + kPageTokens * kHeadDim, count, {count, count}};
  if (count == kPageTokens) {
    attend_run<T, kHeadDim, kPageTokens / 8, (kRows > 8), RunKind::whole>(q, run, p.scale, state);
  } else {
    attend_run<T, kHeadDim, kPageTokens / 8, (kRows > 8), RunKind::partial>(q, run, p.scale, state);
  }
}

// Grid: KV heads times tiles of their group, splits, rows.
template <class T, int kHeadDim, int kRows>
__global__ void __launch_bounds__(kThreads) decode_kernel(DecodeParameters<T> p) {
  constexpr int kPitch = kHeadDim + 4;  // heads fall into other banks
  SIMT_SHARED(float, outs, [kWarps][kRows][kPitch]);
  SIMT_SHARED(float, maxima, [kWarps][kRows]);
  SIMT_SHARED(float, sums, [kWarps][kRows]);
  SIMT_SHARED(std::uint32_t, is_last, [1]);
  simt::pdl_trigger();
  simt::pdl_wait();
  const std::uint32_t row = blockIdx.z;
  const std::uint32_t context = p.position[row] + 1;
  const std::uint32_t splits = (context + kDecodeSplitTokens - 1) / kDecodeSplitTokens;
  if (blockIdx.y >= splits) return;
  const HeadTile tile = head_tile<kRows>(p.heads / p.kv.kv_heads);
  const std::uint32_t warp = threadIdx.x / 32;
  const std::uint32_t g = threadIdx.x % 32 / 4;

  AttentionState<kHeadDim> state;
  attend_split<T, kHeadDim, kRows>(p, tile, row, context, state);
  SIMT_UNROLL
  for (int half = 0; half < kRows / 8; ++half) {
    const float sum = row_sum(state.sum[half]);
    const std::uint32_t head = g + half * 8;
    if (threadIdx.x % 4 == 0) {
      maxima[warp][head] = state.max[half];
      sums[warp][head] = sum;
    }
    SIMT_UNROLL
    for (int i = 0; i < 2; ++i) {
      SIMT_UNROLL
      for (int j = 0; j < kHeadDim / 8; ++j) {
        outs[warp][head][first_element(j / 8, i) + j % 8] = state.out[j][half * 2 + i];
      }
    }
  }
  __syncthreads();

  T* const target = p.output + (std::size_t{row} * p.heads + tile.first) * kHeadDim;
  constexpr std::uint32_t kPartial = kHeadDim + 2;
  float* const partials =
      p.partials + (std::size_t{row} * gridDim.y * p.heads + tile.first) * kPartial;
  for (std::uint32_t i = threadIdx.x; i < tile.count * kHeadDim; i += kThreads) {
    const std::uint32_t head = i / kHeadDim;
    const std::uint32_t element = i % kHeadDim;
    const Merged merged = merge(kWarps, [&](std::uint32_t w) -> Merged {
      return {maxima[w][head], sums[w][head], outs[w][head][element]};
    });
    if (splits == 1) {
      target[i] = from_float<T>(merged.value());
      continue;
    }
    float* const partial = partials + (std::size_t{blockIdx.y} * p.heads + head) * kPartial;
    partial[element] = merged.out;
    if (element == 0) {
      partial[kHeadDim] = merged.max;
      partial[kHeadDim + 1] = merged.sum;
    }
  }
  if (splits == 1) return;
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    // Wraps to zero with the last split: ready for the next pass.
    is_last[0] =
        atomicInc(p.tickets + std::size_t{row} * gridDim.x + blockIdx.x, splits - 1) == splits - 1;
    __threadfence();
  }
  __syncthreads();
  if (is_last[0] == 0) return;
  for (std::uint32_t i = threadIdx.x; i < tile.count * kHeadDim; i += kThreads) {
    const float* const partial = partials + std::size_t{i / kHeadDim} * kPartial;
    const std::size_t stride = std::size_t{p.heads} * kPartial;  // from split to split
    const Merged merged = merge(splits, [&](std::uint32_t split) -> Merged {
      const float* const own = partial + split * stride;
      return {__ldcg(own + kHeadDim), __ldcg(own + kHeadDim + 1), __ldcg(own + i % kHeadDim)};
    });
    target[i] = from_float<T>(merged.value());
  }
}

template <class T, int kHeadDim, int kRows>
void launch_for(const DecodeAttention& a, const DecodeParameters<T>& parameters, Queue queue) {
  const std::uint32_t group = a.heads / a.kv.kv_heads;
  const std::uint32_t tiles = (group + kRows - 1) / kRows;
  const std::uint32_t splits = (a.max_context + kDecodeSplitTokens - 1) / kDecodeSplitTokens;
  simt::launch({.grid = dim3(a.kv.kv_heads * tiles, splits, a.row_count),
                .block = dim3(kThreads),
                .stream = queue.stream,
                .is_dependent = queue.is_dependent},
               decode_kernel<T, kHeadDim, kRows>, parameters);
}

template <class T, int kHeadDim>
void launch_for(const DecodeAttention& a, const DecodeParameters<T>& parameters, Queue queue) {
  if (a.heads / a.kv.kv_heads <= 8) return launch_for<T, kHeadDim, 8>(a, parameters, queue);
  launch_for<T, kHeadDim, 16>(a, parameters, queue);
}

}  // namespace

std::size_t decode_partial_elements(std::uint32_t rows, std::uint32_t heads, std::uint32_t head_dim,
                                    std::uint32_t max_context) {
  const std::size_t splits = (max_context + kDecodeSplitTokens - 1) / kDecodeSplitTokens;
  return rows * splits * heads * (std::size_t{head_dim} + 2);
}

bool has_attention_kernel(std::uint32_t head_dim) { return head_dim == 64 || head_dim == 128; }

void decode_attention(const DecodeAttention& a, Queue queue) {
  constexpr float kLog2E = 1.44269504F;
  with_type(a.type, [&]<class T>() {
    const DecodeParameters<T> parameters{.query = static_cast<const T*>(a.query),
                                         .query_stride = a.query_stride,
                                         .output = static_cast<T*>(a.output),
                                         .kv = a.kv,
                                         .layer = a.layer,
                                         .pages = a.slots->pages,
                                         .max_pages = a.slots->max_pages,
                                         .slot = a.rows->slot,
                                         .position = a.rows->position,
                                         .heads = a.heads,
                                         .scale = a.scale * kLog2E,
                                         .partials = a.partials,
                                         .tickets = a.tickets};
    with_head_dim(a.kv.head_dim,
                  [&]<int kHeadDim>() { launch_for<T, kHeadDim>(a, parameters, queue); });
  });
}

}  // namespace turbomind::cuda
