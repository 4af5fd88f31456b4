// judge: a thread block per row walks the logits once for greedy, twice with temperature, and a few
// times for a nucleus; they are in L2 (0.41 MB for 103168 tokens), where a pass takes about 4 us.
// The noise is only made where it could lift a token above the best so far: ten rounds of Philox and
// two logarithms per token would cost more than all the rest.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "turbomind/cuda/kernels/block_scan.hpp"
#include "turbomind/cuda/kernels/radix_select.hpp"
#include "turbomind/cuda/kernels/sampling.hpp"
#include "turbomind/cuda/kernels/simt.hpp"
#include "turbomind/sampling/gumbel_noise.hpp"
#include "turbomind/sampling/score_order.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kThreads = kSelectThreads;
constexpr std::uint32_t kSettleThreads = 128;
static_assert(kTokensPerCall == 4);

__device__ __forceinline__ PackedCandidate candidate_of(float score, std::uint32_t token) {
  return PackedCandidate{score_key(score)} << 32U | static_cast<std::uint32_t>(~token);
}

__device__ __forceinline__ PackedCandidate better_of(PackedCandidate a, PackedCandidate b) {
  return a > b ? a : b;
}

// Up to four tokens that share a call of Philox: 4 * block + i for i in [begin, end).
struct Quad {
  std::uint32_t block;
  std::uint32_t begin;
  std::uint32_t end;
  float logit[4];
};

// One row of logits in the ranks' parts.
class Row {
 public:
  __device__ Row(const Logits& logits, std::uint32_t sample)
      : logits_(logits), data_(logits.data + std::size_t{sample} * logits.row_stride) {}

  // visit(quad) for this thread's share of the tokens.
  template <class Visit>
  __device__ void for_each_quad(const Visit& visit) const {
    const std::uint32_t first = logits_.first_token;
    const std::uint32_t end = first + logits_.token_count;
    for (std::uint32_t block = first / 4 + threadIdx.x; block * 4 < end; block += kThreads) {
      Quad quad{block, block * 4 < first ? first - block * 4 : 0, min(4U, end - block * 4), {}};
      load(quad);
      visit(quad);
    }
  }

  template <class Visit>
  __device__ void for_each_token(const Visit& visit) const {
    for_each_quad([&](const Quad& quad) {
      SIMT_UNROLL
      for (std::uint32_t i = 0; i < 4; ++i) {
        if (i >= quad.begin && i < quad.end) visit(quad.block * 4 + i, quad.logit[i]);
      }
    });
  }
 private:
  __device__ void load(Quad& quad) const {
    const std::uint32_t local = quad.block * 4 - logits_.first_token;  // wraps where begin > 0
    const bool is_whole = quad.begin == 0 && quad.end == 4;
    if (is_whole && local % 4 == 0 && local + 4 <= logits_.columns) {
      const float4 values = *reinterpret_cast<const float4*>(data_ + local);
      quad.logit[0] = values.x, quad.logit[1] = values.y;
      quad.logit[2] = values.z, quad.logit[3] = values.w;
      return;
    }
    SIMT_UNROLL
    for (std::uint32_t i = 0; i < 4; ++i) {
      if (i >= quad.begin && i < quad.end) quad.logit[i] = at(local + i);
    }
  }

  __device__ float at(std::uint32_t local) const {
    const std::uint32_t part = local / logits_.columns;
    return data_[part * logits_.part_stride + local % logits_.columns];
  }

  const Logits& logits_;
  const float* data_;
};

// The largest logit, before temperature.
__device__ PackedCandidate largest_logit(const Row& row) {
  PackedCandidate best = 0;
  row.for_each_token([&](std::uint32_t token, float logit) {
    best = better_of(best, candidate_of(logit, token));
  });
  return block_max<kThreads>(best);
}

__device__ float score_of(PackedCandidate candidate) {
  const auto key = static_cast<std::uint32_t>(candidate >> 32U);
  return __uint_as_float((key & 0x80000000U) != 0 ? key & 0x7FFFFFFFU : ~key);
}

// The largest sum of scaled logit, shift_of(key) and noise among the tokens that stay.
template <class Shift>
__device__ PackedCandidate largest_sum(const Row& row, const Draw& draw, std::uint32_t least_key,
                                       const Shift& shift_of) {
  PackedCandidate best = 0;
  float best_score = -INFINITY;
  row.for_each_quad([&](const Quad& quad) {
    bool can_win = false;
    float scaled[4];
    SIMT_UNROLL
    for (std::uint32_t i = 0; i < 4; ++i) {
      if (i < quad.begin || i >= quad.end) continue;
      scaled[i] = draw.scaled(quad.logit[i]);
      // Not "above": a NaN has to be looked at.
      can_win =
          can_win || (score_key(scaled[i]) >= least_key && !(scaled[i] + kMostNoise < best_score));
    }
    if (!can_win) return;
    const PhiloxCounter words = noise_words(draw, quad.block);
    SIMT_UNROLL
    for (std::uint32_t i = 0; i < 4; ++i) {
      if (i < quad.begin || i >= quad.end) continue;
      const std::uint32_t key = score_key(scaled[i]);
      if (key < least_key) continue;
      const float score = scaled[i] + shift_of(key) + gumbel_noise(words[i]);
      best = better_of(best, candidate_of(score, quad.block * 4 + i));
      best_score = fmaxf(best_score, score);
    }
  });
  return block_max<kThreads>(best);
}

__device__ PackedCandidate judge_row(const Row& row, const Draw& draw, std::uint32_t token_count,
                                     bool has_all_logits) {
  if (draw.needs_all_logits() && !has_all_logits) return 0;
  const auto no_shift = [](std::uint32_t) { return 0.0F; };
  if (draw.is_greedy()) return largest_logit(row);
  if (!draw.needs_all_logits()) return largest_sum(row, draw, 0, no_shift);
  const float largest = draw.scaled(score_of(largest_logit(row)));
  const Nucleus nucleus = find_nucleus(
      [&](const auto& visit) {
        row.for_each_token([&](std::uint32_t, float logit) { visit(draw.scaled(logit)); });
      },
      draw, token_count, largest);
  return largest_sum(row, draw, nucleus.last_key, [&](std::uint32_t key) {
    return key == nucleus.last_key ? nucleus.last_shift : 0.0F;
  });
}

// A thread block per sample.
__global__ void __launch_bounds__(kThreads)
    judge_kernel(Samples samples, Logits logits, Slots slots, bool has_all_logits,
                 PackedCandidate* candidates) {
  simt::pdl_trigger();
  simt::pdl_wait();
  const std::uint32_t sample = blockIdx.x;
  const std::uint32_t slot = samples.slot[sample];
  PackedCandidate best = 0;
  if (slot < slots.max_slots && logits.token_count > 0) {
    const SlotSampling& sampling = slots.sampling[slot];
    const Draw draw{{sampling.temperature, sampling.top_p, sampling.top_k, sampling.seed},
                    samples.position[sample] + 1};
    best = judge_row(Row(logits, sample), draw, logits.token_count, has_all_logits);
  }
  if (threadIdx.x == 0) candidates[sample] = best;
}

// The books of one sample, and its entry of the ring.
__device__ RingEntry settle_sample(const Samples& samples, std::uint32_t i, PackedCandidate best,
                                   const Slots& slots) {
  const std::uint32_t slot = samples.slot[i];
  if (slot >= slots.max_slots || slots.is_live[slot] == 0) return {0, slots.max_slots, 0};
  const auto token = ~static_cast<std::uint32_t>(best);
  const std::uint32_t position = samples.position[i] + 1;
  const std::uint32_t* const stops = slots.stop_bits + std::size_t{slot} * slots.stop_words;
  const bool is_stop = token / 32 < slots.stop_words && (stops[token / 32] >> token % 32 & 1U) != 0;
  const bool is_stopped = is_stop && position >= slots.min_position[slot];
  const bool is_at_length = position + 1 >= slots.end_position[slot];
  slots.token[slot] = static_cast<std::int32_t>(token);
  slots.position[slot] = position;
  if (is_stopped || is_at_length) slots.is_live[slot] = 0;
  return {static_cast<std::int32_t>(token), slot, position};
}

__global__ void __launch_bounds__(kSettleThreads)
    settle_kernel(Samples samples, const PackedCandidate* candidates, std::uint32_t ranks,
                  Slots slots, Ring ring) {
  simt::pdl_trigger();
  simt::pdl_wait();
  const std::uint64_t pass = *ring.next_pass;
  RingEntry* const entries = ring.entries + pass % ring.depth * ring.max_samples;
  for (std::uint32_t i = threadIdx.x; i < samples.count; i += kSettleThreads) {
    PackedCandidate best = 0;
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      best = better_of(best, candidates[rank * samples.count + i]);
    }
    entries[i] = settle_sample(samples, i, best, slots);
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  *ring.next_pass = pass + 1;
  // Publishes all threads' entries: causality in PTX is transitive, whatever the scope of each step. The
  // entries come before the barrier, the barrier before this, and this before who acquires it.
  simt::store_release_system(ring.sequence + pass % ring.depth, pass);
}

}  // namespace

void judge(const Samples& samples, const Logits& logits, const Slots& slots, bool has_all_logits,
           PackedCandidate* candidates, Queue queue) {
  simt::launch({.grid = dim3(samples.count),
                .block = dim3(kThreads),
                .stream = queue.stream,
                .is_dependent = queue.is_dependent},
               judge_kernel, samples, logits, slots, has_all_logits, candidates);
}

void settle(const Samples& samples, const PackedCandidate* candidates, std::uint32_t ranks,
            const Slots& slots, const Ring& ring, Queue queue) {
  simt::launch({.grid = dim3(1),
                .block = dim3(kSettleThreads),
                .stream = queue.stream,
                .is_dependent = queue.is_dependent},
               settle_kernel, samples, candidates, ranks, slots, ring);
}

}  // namespace turbomind::cuda
