// Flash attention over pages: a warp has 16 query rows and walks the pages up to its last row. Keys
// and values come through L1, which the four warps of a block share: as many bytes per MMA as
// ldmatrix would take from shared memory, which is L1 too, without the copies and barriers.
//
// flops 4 * head_dim per query and key; a page is 128 MMAs a warp. Ceiling by L1: 32 KiB per warp and
// page at 128 B/clock, without bank conflicts (page_layout.hpp), is 256 clocks for what the tensor
// cores do in 64 warp-clocks' worth of four SM partitions at full rate: about a quarter to a half of
// the peak, and attention is 4 % of the operations of a 2048-token prefill.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/attention_page.hpp"
#include "turbomind/cuda/kernels/prefill_attention.hpp"
#include "turbomind/cuda/kernels/vector8.hpp"
#include "turbomind/cuda/kernels/with_head_dim.hpp"
#include "turbomind/cuda/kernels/with_type.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kWarps = kPrefillTileRows / kRowsPerWarp;
constexpr std::uint32_t kThreads = 32 * kWarps;
// Keys that are looked at together: half a page, as a whole one's loads and scores spill.
constexpr std::uint32_t kRunKeys = 32;
constexpr int kRunTiles = kRunKeys / 8;

template <class T>
struct PrefillParameters {
  const T* query;
  std::uint32_t query_stride;
  T* output;
  KvPages kv;
  std::uint32_t layer;
  const std::uint32_t* pages;  // Slots::pages
  std::uint32_t max_pages;
  const PrefillTile* tiles;
  std::uint32_t heads;
  float scale;
};

// Writes row g (half = 0) or g + 8: two runs of 8 elements per lane and 64 elements of the head.
template <class T, int kHeadDim>
__device__ __forceinline__ void store_row(const AttentionState<kHeadDim>& state, int half,
                                          T* target) {
  const float factor = 1.0F / row_sum(state.sum[half]);
  if (target == nullptr) return;
  SIMT_UNROLL
  for (int part = 0; part < kHeadDim / 64; ++part) {
    SIMT_UNROLL
    for (int i = 0; i < 2; ++i) {
      Vector8<T> run;
      SIMT_UNROLL
      for (int j = 0; j < 8; ++j) {
        run.element[j] = from_float<T>(state.out[part * 8 + j][half * 2 + i] * factor);
      }
      store8(target + first_element(part, i), run);
    }
  }
}

// Grid: query heads, tiles. Late tiles have the most pages and begin first.
template <class T, int kHeadDim>
__global__ void __launch_bounds__(kThreads) prefill_kernel(PrefillParameters<T> p) {
  const std::uint32_t head = blockIdx.x;
  const PrefillTile tile = p.tiles[gridDim.y - 1 - blockIdx.y];
  const std::uint32_t first = threadIdx.x / 32 * kRowsPerWarp;  // of the tile's rows
  if (first >= tile.row_count) return;
  const std::uint32_t g = threadIdx.x % 32 / 4;
  const bool has_row[2] = {first + g < tile.row_count, first + g + 8 < tile.row_count};
  const std::size_t row = std::size_t{tile.first_row} + first + g;
  const std::size_t column = std::size_t{head} * kHeadDim;
  const T* const query = p.query + row * p.query_stride + column;
  QueryFragments<kHeadDim> q;
  load_queries<T, kHeadDim>(has_row[0] ? query : nullptr,
                            has_row[1] ? query + std::size_t{8} * p.query_stride : nullptr, q);

  const std::uint32_t rows = min(kRowsPerWarp, tile.row_count - first);
  const std::uint32_t context = tile.first_position + first + rows;  // of the warp's last row
  const std::uint32_t kv_head = head / (p.heads / p.kv.kv_heads);
  const std::uint32_t* const table = p.pages + std::size_t{tile.slot} * p.max_pages;
  AttentionState<kHeadDim> state;
  const auto run_at = [&](std::uint32_t begin) {
    const T* const keys = static_cast<const T*>(p.kv.data) +
                          p.kv.keys_at(table[begin / kPageTokens], p.layer, kv_head) +
                          begin % kPageTokens * kHeadDim;
    return KeyRun<T>{keys, keys + kPageTokens * kHeadDim, min(kRunKeys, context - begin), {}};
  };
  // Runs that even the warp's first row sees as a whole, then those on the diagonal.
  const std::uint32_t whole_end = (tile.first_position + first + 1) / kRunKeys * kRunKeys;
  for (std::uint32_t begin = 0; begin < whole_end; begin += kRunKeys) {
    attend_run<T, kHeadDim, kRunTiles, true, RunKind::whole>(q, run_at(begin), p.scale, state);
  }
  for (std::uint32_t begin = whole_end; begin < context; begin += kRunKeys) {
    KeyRun<T> run = run_at(begin);
    SIMT_UNROLL
    for (int half = 0; half < 2; ++half) {
      const std::uint32_t own = tile.first_position + first + g + half * 8 + 1;
      run.limit[half] = own > begin ? min(own - begin, run.key_count) : 0;
    }
    attend_run<T, kHeadDim, kRunTiles, true, RunKind::partial>(q, run, p.scale, state);
  }
  T* const target = p.output + row * p.heads * kHeadDim + column;
  store_row<T, kHeadDim>(state, 0, has_row[0] ? target : nullptr);
  store_row<T, kHeadDim>(state, 1,
                         has_row[1] ? target + std::size_t{8} * p.heads * kHeadDim : nullptr);
}

}  // namespace

void prefill_attention(const PrefillAttention& a, Stream stream) {
  constexpr float kLog2E = 1.44269504F;
  with_type(a.type, [&]<class T>() {
    const PrefillParameters<T> parameters{.query = static_cast<const T*>(a.query),
                                          .query_stride = a.query_stride,
                                          .output = static_cast<T*>(a.output),
                                          .kv = a.kv,
                                          .layer = a.layer,
                                          .pages = a.slots->pages,
                                          .max_pages = a.slots->max_pages,
                                          .tiles = a.tiles,
                                          .heads = a.heads,
                                          .scale = a.scale * kLog2E};
    const simt::Launch launch{
        .grid = dim3(a.heads, a.tile_count), .block = dim3(kThreads), .stream = stream};
    with_head_dim(a.kv.head_dim, [&]<int kHeadDim>() {
      simt::launch(launch, prefill_kernel<T, kHeadDim>, parameters);
    });
  });
}

}  // namespace turbomind::cuda
