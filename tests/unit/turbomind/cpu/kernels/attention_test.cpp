// Decode and prefill attention against softmax in double precision, for every ISA.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "kernel_inputs.hpp"

namespace turbomind::test { namespace {

// A paged cache of two KV heads whose pages lie in reverse order with holes between, filled with
// NaN beyond the context.
struct Cache {
  static constexpr std::uint32_t kKvHeads = 2;
  KvLayer layer;
  std::uint32_t context;
  std::vector<std::uint32_t> pages;
  std::vector<std::byte> pool;
  std::vector<Values> keys;  // per head [context][D]
  std::vector<Values> values;

  Cache(DataType type, std::uint32_t dim, std::uint32_t tokens, float key_scale = 1.0F)
      : layer{nullptr, 0, type, dim}, context(tokens) {
    const std::uint32_t count = (tokens + kKvPageTokens - 1) / kKvPageTokens;
    layer.page_bytes = kKvHeads * layer.head_bytes();
    for (std::uint32_t i = 0; i < count; ++i) pages.push_back(2 * (count - 1 - i));
    pool = Result(2 * count * layer.page_bytes / bytes_of(type), type).bytes;
    layer.data = pool.data();
    for (std::uint32_t head = 0; head < kKvHeads; ++head) {
      const std::size_t size = std::size_t{tokens} * dim;
      keys.push_back(rounded(normal(size, 20 + head, key_scale), type));
      values.push_back(rounded(normal(size, 30 + head), type));
      for (std::uint32_t t = 0; t < tokens; ++t) {
        const std::size_t row_bytes = dim * bytes_of(type);
        std::byte* const target = layer.data + pages[t / 64] * layer.page_bytes +
                                  head * layer.head_bytes() + t % 64 * row_bytes;
        std::memcpy(target, keys[head].bytes.data() + t * row_bytes, row_bytes);
        std::memcpy(target + layer.half_bytes(), values[head].bytes.data() + t * row_bytes,
                    row_bytes);
      }
    }
  }

  // Attention of one query head to the first `tokens` tokens.
  std::vector<double> expected(const float* q, std::uint32_t head, std::uint32_t tokens,
                               float scale) const {
    const std::size_t dim = layer.head_dim;
    std::vector<double> scores(tokens);
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t d = 0; d < dim; ++d) scores[t] += q[d] * keys[head].exact[t * dim + d];
      scores[t] *= scale;
    }
    const double most = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    std::vector<double> y(dim);
    for (std::size_t t = 0; t < tokens; ++t) {
      const double weight = std::exp(scores[t] - most);
      sum += weight;
      for (std::size_t d = 0; d < dim; ++d) y[d] += weight * values[head].exact[t * dim + d];
    }
    for (double& value : y) value /= sum;
    return y;
  }
};

std::vector<double> decode(const Kernels& kernels, const Cache& cache, const std::vector<float>& q,
                           std::uint32_t head, std::uint32_t group, DataType y_type) {
  const std::uint32_t dim = cache.layer.head_dim;
  const std::uint32_t splits = (cache.context + kSplitTokens - 1) / kSplitTokens;
  const std::size_t stride = std::size_t{group} * (dim + 2);
  std::vector<float> partials(splits * stride, kPoison);
  const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
  for (std::uint32_t split = 0; split < splits; ++split) {
    kernels.decode_attention({.q = q.data(),
                              .cache = &cache.layer,
                              .kv_head = head,
                              .group = group,
                              .pages = cache.pages.data(),
                              .context = cache.context,
                              .split = split,
                              .scale = scale,
                              .partial = partials.data() + split * stride});
  }
  Result y(std::size_t{group} * dim, y_type);
  kernels.merge_splits({.partials = partials.data(),
                        .partial_stride = stride,
                        .splits = splits,
                        .group = group,
                        .head_dim = dim,
                        .y = y.bytes.data(),
                        .y_type = y_type});
  return y.values();
}

// Queries at the last positions of the cache; y as [query][group * D].
std::vector<double> prefill(const Kernels& kernels, const Cache& cache, const std::vector<float>& q,
                            std::uint32_t first, std::uint32_t count, std::uint32_t head,
                            std::uint32_t group, DataType y_type) {
  const std::uint32_t dim = cache.layer.head_dim;
  std::vector<float> scratch(prefill_scratch_floats(dim, group) + 16, kPoison);
  void* aligned = scratch.data();
  std::size_t space = scratch.size() * sizeof(float);
  std::align(64, prefill_scratch_floats(dim, group) * sizeof(float), aligned, space);
  Result y(std::size_t{count} * group * dim, y_type);
  kernels.prefill_attention({.q = q.data(),
                             .q_stride = std::size_t{group} * dim,
                             .queries = count,
                             .first_position = first,
                             .cache = &cache.layer,
                             .kv_head = head,
                             .group = group,
                             .pages = cache.pages.data(),
                             .scale = 1.0F / std::sqrt(static_cast<float>(dim)),
                             .scratch = static_cast<float*>(aligned),
                             .y = y.bytes.data(),
                             .y_stride = std::size_t{group} * dim,
                             .y_type = y_type});
  return y.values();
}

template <class Body>
void for_all_isas(Body body) {
  for (const Isa isa : supported_isas()) {
    if (isa > Isa::avx512) continue;  // the same attention
    CAPTURE(turbomind::name_of(isa));
    body(kernels_for(isa));
  }
}

void check_decode(const Kernels& kernels, const Cache& cache, std::uint32_t group) {
  const std::uint32_t dim = cache.layer.head_dim;
  const std::vector<float> q = normal(std::size_t{group} * dim, 40);
  const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
  std::vector<double> expected;
  for (std::uint32_t g = 0; g < group; ++g) {
    const auto one = cache.expected(q.data() + std::size_t{g} * dim, 1, cache.context, scale);
    expected.insert(expected.end(), one.begin(), one.end());
  }
  for (const DataType y_type : {DataType::fp32, DataType::bf16}) {
    const std::vector<double> y = decode(kernels, cache, q, 1, group, y_type);
    CHECK(distance(y, expected) < tolerance(y_type) + 4e-6);
  }
}

TEST_CASE("decode attention agrees with double precision at the edges of pages and splits") {
  for_all_isas([](const Kernels& kernels) {
    for (const std::uint32_t context : {1U, 2U, 63U, 64U, 65U, 127U, 255U, 256U, 257U, 600U}) {
      CAPTURE(context);
      for (const DataType type : kAllTypes) check_decode(kernels, {type, 64, context}, 2);
    }
  });
}

TEST_CASE("decode attention takes any even head size and any group") {
  for_all_isas([](const Kernels& kernels) {
    for (const std::uint32_t dim : {2U, 6U, 8U, 16U, 24U, 80U, 128U}) {
      for (const std::uint32_t group : {1U, 2U, 3U, 7U, 8U}) {
        CAPTURE(dim);
        CAPTURE(group);
        check_decode(kernels, {DataType::bf16, dim, 70}, group);
      }
    }
  });
}

TEST_CASE("one dominating score and equal scores come out right") {
  for_all_isas([](const Kernels& kernels) {
    check_decode(kernels, {DataType::fp32, 16, 300, 100.0F}, 2);  // scores of some hundreds
    check_decode(kernels, {DataType::fp32, 16, 300, 0.0F}, 2);    // the mean of all values
  });
}

TEST_CASE("prefill attention agrees with double precision and sees no token of the future") {
  for_all_isas([](const Kernels& kernels) {
    struct Block {
      std::uint32_t first;
      std::uint32_t queries;
    };
    for (const Block block : {Block{0, 1}, Block{0, 7}, Block{0, 64}, Block{1, 63}, Block{63, 2},
                              Block{64, 64}, Block{100, 33}, Block{250, 64}}) {
      CAPTURE(block.first);
      CAPTURE(block.queries);
      for (const std::uint32_t group : {1U, 2U, 8U}) {
        for (const std::uint32_t dim : {6U, 16U, 64U}) {
          const Cache cache(dim == 64 ? DataType::bf16 : DataType::fp32, dim,
                            block.first + block.queries);
          const std::vector<float> q = normal(std::size_t{block.queries} * group * dim, 41);
          const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
          std::vector<double> expected;
          for (std::uint32_t i = 0; i < block.queries * group; ++i) {
            const auto one = cache.expected(q.data() + std::size_t{i} * dim, 1,
                                            block.first + i / group + 1, scale);
            expected.insert(expected.end(), one.begin(), one.end());
          }
          const std::vector<double> y =
              prefill(kernels, cache, q, block.first, block.queries, 1, group, DataType::fp32);
          CHECK(distance(y, expected) < 4e-6);
        }
      }
    }
  });
}

TEST_CASE("a query's result has the same bits in any block of queries") {
  for_all_isas([](const Kernels& kernels) {
    const Cache cache(DataType::bf16, 16, 130);
    const std::vector<float> q = normal(64 * 16, 42);
    const std::vector<double> all = prefill(kernels, cache, q, 66, 64, 0, 1, DataType::fp32);
    for (const std::uint32_t i : {0U, 1U, 30U, 63U}) {
      const std::vector<float> one(q.begin() + i * 16, q.begin() + (i + 1) * 16);
      const std::vector<double> alone =
          prefill(kernels, cache, one, 66 + i, 1, 0, 1, DataType::fp32);
      CHECK(std::equal(alone.begin(), alone.end(), all.begin() + i * 16));
    }
  });
}

}}  // namespace turbomind::test
