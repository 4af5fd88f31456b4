// Causal attention of a block of queries. The lanes of the vectors are queries: scores, softmax
// and output are kept transposed, [token or element][query], so that nothing is ever summed across
// a vector and both products are small GEMMs. Pages are widened to fp32 once for all query heads of
// a group. Tokens that a query may not see add exact zeros, so its result does not depend on the
// block it came in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/arguments.hpp"
#include "turbomind/cpu/kernels/elementwise.hpp"

namespace turbomind { namespace {

constexpr std::uint32_t kLanes = kPrefillQueries;
constexpr float kHidden = -1.0e30F;  // the score of a token that a query may not see

// State of one query head: all [..][kLanes].
struct HeadState {
  float* q;        // [D]
  float* output;   // [D]
  float* maximum;  // [1]
  float* sum;      // [1]
};

struct PrefillScratch {
  float* keys;    // [64][D]
  float* values;  // [64][D]
  float* scores;  // [64][kLanes]
  float* heads;   // of HeadState

  PrefillScratch(float* base, std::uint32_t dim)
      : keys(base),
        values(keys + std::size_t{kKvPageTokens} * dim),
        scores(values + std::size_t{kKvPageTokens} * dim),
        heads(scores + std::size_t{kKvPageTokens} * kLanes) {}

  HeadState head(std::uint32_t index, std::uint32_t dim) const {
    const std::size_t block = std::size_t{dim} * kLanes;
    float* const base = heads + index * (2 * block + 2 * kLanes);
    return {base, base + block, base + 2 * block, base + 2 * block + kLanes};
  }
};

// c[m][lane] += sum over k of a[m * a_step + k * a_next] * b[k][lane], for `rows` values of m and
// `vectors` vectors of lanes.
template <class V, std::uint32_t rows, std::uint32_t vectors>
void multiply_lanes_block(const float* a, std::size_t a_step, std::size_t a_next, const float* b,
                          float* c, std::uint32_t depth) {
  typename V::Float acc[rows][vectors];
  LMBENCH_UNROLL for (std::uint32_t m = 0; m < rows; ++m) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      acc[m][v] = V::load(c + std::size_t{m} * kLanes + v * V::kWidth);
    }
  }
  for (std::uint32_t k = 0; k < depth; ++k) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      const typename V::Float lane = V::load(b + std::size_t{k} * kLanes + v * V::kWidth);
      LMBENCH_UNROLL for (std::uint32_t m = 0; m < rows; ++m) {
        acc[m][v] = V::fma(V::set1(a[m * a_step + k * a_next]), lane, acc[m][v]);
      }
    }
  }
  LMBENCH_UNROLL for (std::uint32_t m = 0; m < rows; ++m) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      V::store(c + std::size_t{m} * kLanes + v * V::kWidth, acc[m][v]);
    }
  }
}

template <class V>
void multiply_lanes(const float* a, std::size_t a_step, std::size_t a_next, const float* b,
                    float* c, std::uint32_t count, std::uint32_t depth) {
  constexpr std::uint32_t kRows = 4;
  constexpr std::uint32_t kVectors = V::kWidth == 16 ? 4 : 2;
  std::uint32_t m = 0;
  for (; m + kRows <= count; m += kRows) {
    for (std::uint32_t lane = 0; lane < kLanes; lane += kVectors * V::kWidth) {
      multiply_lanes_block<V, kRows, kVectors>(a + m * a_step, a_step, a_next, b + lane,
                                               c + std::size_t{m} * kLanes + lane, depth);
    }
  }
  for (; m < count; ++m) {
    for (std::uint32_t lane = 0; lane < kLanes; lane += kVectors * V::kWidth) {
      multiply_lanes_block<V, 1, kVectors>(a + m * a_step, a_step, a_next, b + lane,
                                           c + std::size_t{m} * kLanes + lane, depth);
    }
  }
}

inline void start_head(const PrefillAttentionArguments& a, std::uint32_t group_head,
                       const HeadState& head) {
  const std::uint32_t dim = a.cache->head_dim;
  for (std::uint32_t d = 0; d < dim; ++d) {
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t place = std::size_t{d} * kLanes + lane;
      const std::size_t source = lane * a.q_stride + std::size_t{group_head} * dim + d;
      head.q[place] = lane < a.queries ? a.q[source] * a.scale : 0.0F;
      head.output[place] = 0.0F;
    }
  }
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    head.maximum[lane] = kHidden;
    head.sum[lane] = 0.0F;
  }
}

inline void hide_future(const PrefillAttentionArguments& a, std::uint32_t first_token,
                        std::uint32_t tokens, float* scores) {
  for (std::uint32_t t = 0; t < tokens; ++t) {
    for (std::uint32_t i = 0; i < a.queries && a.first_position + i < first_token + t; ++i) {
      scores[std::size_t{t} * kLanes + i] = kHidden;
    }
  }
}

// One step of the online softmax: scores become weights, sums and output move to the new maximum.
template <class V>
void soften_page(const HeadState& head, float* scores, std::uint32_t tokens, std::uint32_t dim) {
  using Float = typename V::Float;
  for (std::uint32_t lane = 0; lane < kLanes; lane += V::kWidth) {
    const Float before = V::load(head.maximum + lane);
    Float maximum = before;
    for (std::uint32_t t = 0; t < tokens; ++t) {
      maximum = V::max(maximum, V::load(scores + std::size_t{t} * kLanes + lane));
    }
    const Float factor = exp_of<V>(before - maximum);
    Float sum = V::load(head.sum + lane) * factor;
    for (std::uint32_t t = 0; t < tokens; ++t) {
      float* const score = scores + std::size_t{t} * kLanes + lane;
      const Float weight = exp_of<V>(V::load(score) - maximum);
      V::store(score, weight);
      sum = sum + weight;
    }
    V::store(head.sum + lane, sum);
    V::store(head.maximum + lane, maximum);
    for (std::uint32_t d = 0; d < dim; ++d) {
      float* const output = head.output + std::size_t{d} * kLanes + lane;
      V::store(output, V::load(output) * factor);
    }
  }
}

template <class V>
void finish_head(const PrefillAttentionArguments& a, std::uint32_t group_head,
                 const HeadState& head) {
  const std::uint32_t dim = a.cache->head_dim;
  for (std::uint32_t i = 0; i < a.queries; ++i) {
    const float factor = 1.0F / head.sum[i];
    const std::size_t target = i * a.y_stride + std::size_t{group_head} * dim;
    for (std::uint32_t d = 0; d < dim; ++d) {
      store_as<Scalar>(a.y_type, a.y, target + d,
                       head.output[std::size_t{d} * kLanes + i] * factor);
    }
  }
}

template <class V>
void prefill_attention(const PrefillAttentionArguments& a) noexcept {
  const std::uint32_t dim = a.cache->head_dim;
  const std::uint32_t context = a.first_position + a.queries;
  const PrefillScratch scratch(a.scratch, dim);
  for (std::uint32_t g = 0; g < a.group; ++g) start_head(a, g, scratch.head(g, dim));
  for (std::uint32_t first = 0; first < context; first += kKvPageTokens) {
    const std::uint32_t tokens = min_of(kKvPageTokens, context - first);
    const std::byte* const page = a.cache->data +
                                  a.pages[first / kKvPageTokens] * a.cache->page_bytes +
                                  a.kv_head * a.cache->head_bytes();
    const std::size_t elements = std::size_t{tokens} * dim;
    widen<V>(page, a.cache->type, scratch.keys, elements);
    widen<V>(page + a.cache->half_bytes(), a.cache->type, scratch.values, elements);
    for (std::uint32_t g = 0; g < a.group; ++g) {
      const HeadState head = scratch.head(g, dim);
      __builtin_memset(scratch.scores, 0, std::size_t{tokens} * kLanes * sizeof(float));
      multiply_lanes<V>(scratch.keys, dim, 1, head.q, scratch.scores, tokens, dim);
      if (first + tokens > a.first_position + 1) hide_future(a, first, tokens, scratch.scores);
      soften_page<V>(head, scratch.scores, tokens, dim);
      multiply_lanes<V>(scratch.values, 1, dim, scratch.scores, head.output, dim, tokens);
    }
  }
  for (std::uint32_t g = 0; g < a.group; ++g) finish_head<V>(a, g, scratch.head(g, dim));
}

}}  // namespace turbomind
