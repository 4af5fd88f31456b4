// Attention of one query position over one split of its context: scores, softmax over the split,
// weighted sum of values; and the merge of the splits. Any vector type whose width divides D.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/arguments.hpp"
#include "turbomind/cpu/kernels/elementwise.hpp"

namespace turbomind { namespace {

constexpr std::uint32_t kHeadsAtOnce = 4;  // query heads that share a load of keys or values

// products[g] = q[g] . key element by element, summed over the vectors of D.
template <class V, DataType type, std::uint32_t heads>
void multiply_key(const float* q, const std::byte* keys, std::uint32_t token,
                  std::uint32_t head_dim, typename V::Float (&products)[heads]) {
  LMBENCH_UNROLL for (std::uint32_t g = 0; g < heads; ++g) products[g] = V::zero();
  for (std::uint32_t d = 0; d < head_dim; d += V::kWidth) {
    const typename V::Float key = load_as<V, type>(keys, std::size_t{token} * head_dim + d);
    LMBENCH_UNROLL for (std::uint32_t g = 0; g < heads; ++g) {
      products[g] = V::fma(V::load(q + std::size_t{g} * head_dim + d), key, products[g]);
    }
  }
}

inline void fetch_row(const std::byte* rows, std::uint32_t row, std::size_t row_bytes) {
  for (std::size_t b = 0; b < row_bytes; b += 64) {
    __builtin_prefetch(rows + row * row_bytes + b);
  }
}

// Where a page's keys and values are, and the keys of the page that is read after it.
struct PageOfHead {
  const std::byte* keys;
  const std::byte* values;
  const std::byte* next_keys;
};

// scores[g][first_score + i] = q[g] . key[i] * scale, for as many tokens as a vector has lanes at once: their sums
// across the lanes are cheap together. Tokens beyond the last have zeros.
template <class V, DataType type, std::uint32_t heads>
void score_tokens(const float* q, const PageOfHead& page, std::uint32_t head_dim,
                  std::uint32_t tokens, float scale, std::uint32_t first_score,
                  float (*scores)[kSplitTokens]) {
  for (std::uint32_t i = 0; i < tokens; i += V::kWidth) {
    typename V::Float products[heads][V::kWidth] = {};
    const std::uint32_t count = min_of(V::kWidth, tokens - i);
    for (std::uint32_t t = 0; t < count; ++t) {
      // Memory has to deliver what comes next while this is computed: pages lie anywhere.
      fetch_row(page.values, i + t, std::size_t{head_dim} * bytes_of(type));
      fetch_row(page.next_keys, i + t, std::size_t{head_dim} * bytes_of(type));
      typename V::Float of_token[heads];
      multiply_key<V, type, heads>(q, page.keys, i + t, head_dim, of_token);
      LMBENCH_UNROLL for (std::uint32_t g = 0; g < heads; ++g) products[g][t] = of_token[g];
    }
    LMBENCH_UNROLL for (std::uint32_t g = 0; g < heads; ++g) {
      V::store(scores[g] + first_score + i, V::sum_each(products[g]) * V::set1(scale));
    }
  }
}

// output[g] += sum over tokens of weights[g][first_weight + i] * value[i]
template <class V, DataType type, std::uint32_t heads, std::uint32_t vectors>
void add_value_columns(const float (*weights)[kSplitTokens], std::uint32_t first_weight,
                       const std::byte* values, std::uint32_t head_dim, std::uint32_t first,
                       std::uint32_t tokens, float* output, std::uint32_t output_stride) {
  typename V::Float acc[heads][vectors];
  LMBENCH_UNROLL for (std::uint32_t g = 0; g < heads; ++g) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      acc[g][v] = V::load(output + std::size_t{g} * output_stride + first + v * V::kWidth);
    }
  }
  for (std::uint32_t i = 0; i < tokens; ++i) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      const typename V::Float value =
          load_as<V, type>(values, std::size_t{i} * head_dim + first + v * V::kWidth);
      LMBENCH_UNROLL for (std::uint32_t g = 0; g < heads; ++g) {
        acc[g][v] = V::fma(V::set1(weights[g][first_weight + i]), value, acc[g][v]);
      }
    }
  }
  LMBENCH_UNROLL for (std::uint32_t g = 0; g < heads; ++g) {
    LMBENCH_UNROLL for (std::uint32_t v = 0; v < vectors; ++v) {
      V::store(output + std::size_t{g} * output_stride + first + v * V::kWidth, acc[g][v]);
    }
  }
}

template <class V, DataType type, std::uint32_t heads>
void add_values(const float (*weights)[kSplitTokens], std::uint32_t first_weight,
                const std::byte* values, std::uint32_t head_dim, std::uint32_t tokens,
                float* output, std::uint32_t output_stride) {
  constexpr std::uint32_t kVectors = V::kWidth == 16 ? 4 : 2;
  std::uint32_t d = 0;
  for (; d + kVectors * V::kWidth <= head_dim; d += kVectors * V::kWidth) {
    add_value_columns<V, type, heads, kVectors>(weights, first_weight, values, head_dim, d, tokens,
                                                output, output_stride);
  }
  for (; d < head_dim; d += V::kWidth) {
    add_value_columns<V, type, heads, 1>(weights, first_weight, values, head_dim, d, tokens, output,
                                         output_stride);
  }
}

// Scores to exp(score - maximum), in place.
template <class V>
void soften(float* scores, std::uint32_t tokens, float& maximum, float& sum) {
  maximum = scores[0];
  for (std::uint32_t i = 1; i < tokens; ++i) maximum = Scalar::max(maximum, scores[i]);
  for_elements<V>(tokens, [&]<class U>(U, std::size_t i) {
    U::store(scores + i, exp_of<U>(U::load(scores + i) - U::set1(maximum)));
  });
  sum = 0.0F;
  for (std::uint32_t i = 0; i < tokens; ++i) sum += scores[i];
}

template <class V, DataType type, std::uint32_t heads>
void attend(const DecodeAttentionArguments& a, std::uint32_t first_head) {
  const std::uint32_t dim = a.cache->head_dim;
  const std::uint32_t begin = a.split * kSplitTokens;
  const std::uint32_t tokens = min_of(kSplitTokens, a.context - begin);
  const auto page_at = [&](std::uint32_t i) -> const std::byte* {
    return a.cache->data + a.pages[(begin + i) / kKvPageTokens] * a.cache->page_bytes +
           a.kv_head * a.cache->head_bytes();
  };
  alignas(64) float scores[heads][kSplitTokens];
  const float* const q = a.q + std::size_t{first_head} * dim;
  for (std::uint32_t i = 0; i < tokens; i += kKvPageTokens) {
    const std::uint32_t count = min_of(kKvPageTokens, tokens - i);
    const std::byte* const keys = page_at(i);
    const bool is_last = i + kKvPageTokens >= tokens;
    const PageOfHead page{keys, keys + a.cache->half_bytes(),
                          is_last ? keys : page_at(i + kKvPageTokens)};
    score_tokens<V, type, heads>(q, page, dim, count, a.scale, i, scores);
  }
  float* const partial = a.partial + std::size_t{first_head} * (dim + 2);
  for (std::uint32_t g = 0; g < heads; ++g) {
    float* const output = partial + std::size_t{g} * (dim + 2);
    soften<V>(scores[g], tokens, output[dim], output[dim + 1]);
    for (std::uint32_t d = 0; d < dim; ++d) output[d] = 0.0F;
  }
  for (std::uint32_t i = 0; i < tokens; i += kKvPageTokens) {
    const std::uint32_t count = min_of(kKvPageTokens, tokens - i);
    add_values<V, type, heads>(scores, i, page_at(i) + a.cache->half_bytes(), dim, count, partial,
                               dim + 2);
  }
}

template <class V, DataType type>
void attend_all(const DecodeAttentionArguments& a) {
  std::uint32_t head = 0;
  for (; head + kHeadsAtOnce <= a.group; head += kHeadsAtOnce) {
    attend<V, type, kHeadsAtOnce>(a, head);
  }
  switch (a.group - head) {
    case 3:
      return attend<V, type, 3>(a, head);
    case 2:
      return attend<V, type, 2>(a, head);
    case 1:
      return attend<V, type, 1>(a, head);
  }
}

template <class V>
void decode_attention_of(const DecodeAttentionArguments& a) {
  switch (a.cache->type) {
    case DataType::fp32:
      return attend_all<V, DataType::fp32>(a);
    case DataType::fp16:
      return attend_all<V, DataType::fp16>(a);
    case DataType::bf16:
      return attend_all<V, DataType::bf16>(a);
  }
}

template <class V>
void decode_attention(const DecodeAttentionArguments& a) noexcept {
  if (a.cache->head_dim % V::kWidth == 0) return decode_attention_of<V>(a);
  decode_attention_of<Scalar>(a);
}

template <class V>
void merge_splits(const MergeSplitsArguments& a) noexcept {
  const std::uint32_t dim = a.head_dim;
  for (std::uint32_t g = 0; g < a.group; ++g) {
    const float* const first = a.partials + std::size_t{g} * (dim + 2);
    float maximum = first[dim];
    for (std::uint32_t s = 1; s < a.splits; ++s) {
      maximum = Scalar::max(maximum, first[s * a.partial_stride + dim]);
    }
    float sum = 0.0F;
    for (std::uint32_t s = 0; s < a.splits; ++s) {
      const float* const partial = first + s * a.partial_stride;
      sum += exp_of<Scalar>(partial[dim] - maximum) * partial[dim + 1];
    }
    for_elements<V>(dim, [&]<class U>(U, std::size_t d) {
      typename U::Float total = U::zero();
      for (std::uint32_t s = 0; s < a.splits; ++s) {
        const float* const partial = first + s * a.partial_stride;
        const typename U::Float factor = exp_of<U>(U::set1(partial[dim] - maximum));
        total = U::fma(factor, U::load(partial + d), total);
      }
      store_as<U>(a.y_type, a.y, std::size_t{g} * dim + d, total * U::set1(1.0F / sum));
    });
  }
}

}}  // namespace turbomind
