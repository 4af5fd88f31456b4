// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/dummy_weights.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "turbomind/model/float16.hpp"
#include "turbomind/model/philox.hpp"
#include "weight_reader.hpp"

using namespace turbomind;
using turbomind::test::bytes_of_share;
using turbomind::test::values_of_share;

namespace {

Architecture grouped(bool is_tied = false) {
  Architecture model;
  model.head_num = 8;
  model.kv_head_num = 4;
  model.size_per_head = 24;
  model.hidden_size = 192;
  model.inter_size = 520;
  model.num_layer = 2;
  model.vocab_size = 301;
  model.has_qkv_bias = model.has_o_bias = true;
  model.is_head_tied = is_tied;
  return model;
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments_of(const std::vector<float>& values) {
  Moments moments;
  const auto count = static_cast<double>(values.size());
  for (const float value : values) moments.mean += static_cast<double>(value) / count;
  for (const float value : values) {
    moments.deviation += std::pow(static_cast<double>(value) - moments.mean, 2) / count;
  }
  moments.deviation = std::sqrt(moments.deviation);
  return moments;
}

}  // namespace

TEST_CASE("element e comes from 16 bits of Philox at counter e / 8, as the header says") {
  const DummyWeights weights(grouped(), DataType::fp32, 0x123456789abcULL);
  const std::vector<float> values = values_of_share(weights, Tensor::w1, 1, {});
  const double scale = std::abs(static_cast<double>(values[0])) /
                       std::abs(2.0 * (philox({0, 0, static_cast<std::uint32_t>(Tensor::w1), 1},
                                              philox_key(0x123456789abcULL))[0] &
                                       0xFFFFU) -
                                65535.0);
  for (const std::uint64_t e : {0U, 1U, 6U, 7U, 1023U, 1024U, 99839U}) {
    const PhiloxCounter words =
        philox({static_cast<std::uint32_t>(e / 8), 0, static_cast<std::uint32_t>(Tensor::w1), 1},
               philox_key(0x123456789abcULL));
    const std::uint32_t bits = words[e / 2 % 4] >> (16 * (e % 2)) & 0xFFFFU;
    CHECK(static_cast<double>(values[e]) == doctest::Approx((2.0 * bits - 65535.0) * scale));
  }
}

TEST_CASE("any tp sees the same model, piece by piece") {
  const DummyWeights weights(grouped(), DataType::bf16, 7);
  for (const Tensor tensor : {Tensor::w_qkv, Tensor::w_qkv_bias, Tensor::wo, Tensor::w1, Tensor::w2,
                              Tensor::output, Tensor::wo_bias, Tensor::tok_embeddings}) {
    const std::vector<float> whole = values_of_share(weights, tensor, 1, {});
    for (const std::uint32_t ranks : {2U, 4U}) {
      for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        const RankShare share = share_of(tensor, weights.architecture(), {rank, ranks});
        const std::vector<float> part = values_of_share(weights, tensor, 1, {rank, ranks});
        std::size_t at = 0;
        for (std::uint64_t row = 0; at < part.size(); ++row) {
          for (const ColumnRun& run : share.columns()) {
            for (std::uint64_t c = 0; c < run.count; ++c, ++at) {
              const std::uint64_t place =
                  (share.first_row + row) * share.unsplit_columns + run.first + c;
              const float expected = place < whole.size() ? whole[place] : 0.0F;
              if (part[at] != expected) FAIL(name_of(tensor, 1) << " rank " << rank);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("rows read in pieces are the rows read at once") {
  const DummyWeights weights(grouped(), DataType::fp16, 7);
  const std::vector<std::byte> whole = bytes_of_share(weights, Tensor::w_qkv, 0, {1, 2});
  const std::uint64_t row_bytes = whole.size() / 192;
  std::vector<std::byte> piece(5 * row_bytes);
  weights.read_rows(Tensor::w_qkv, 0, {1, 2}, 100, 5, piece);
  CHECK(std::equal(piece.begin(), piece.end(),
                   whole.begin() + static_cast<std::ptrdiff_t>(100 * row_bytes)));
}

TEST_CASE("matrices have a deviation of 1/sqrt(inputs), norms are around 1") {
  const DummyWeights weights(grouped(), DataType::fp32, 3);
  const Moments w1 = moments_of(values_of_share(weights, Tensor::w1, 0, {}));
  CHECK(w1.deviation == doctest::Approx(1 / std::sqrt(192.0)).epsilon(0.02));
  CHECK(std::abs(w1.mean) < 0.001);
  const Moments w2 = moments_of(values_of_share(weights, Tensor::w2, 0, {}));
  CHECK(w2.deviation == doctest::Approx(1 / std::sqrt(520.0)).epsilon(0.02));
  const Moments norm = moments_of(values_of_share(weights, Tensor::norm, 0, {}));
  CHECK(norm.mean == doctest::Approx(1.0).epsilon(0.05));
  CHECK(norm.deviation == doctest::Approx(0.1).epsilon(0.2));
}

TEST_CASE("fp16 and bf16 are the fp32 numbers rounded once") {
  const std::vector<float> exact =
      values_of_share(DummyWeights(grouped(), DataType::fp32, 3), Tensor::attention_norm, 1, {});
  const std::vector<float> brain =
      values_of_share(DummyWeights(grouped(), DataType::bf16, 3), Tensor::attention_norm, 1, {});
  const std::vector<float> half =
      values_of_share(DummyWeights(grouped(), DataType::fp16, 3), Tensor::attention_norm, 1, {});
  for (std::size_t i = 0; i < exact.size(); ++i) {
    CHECK(brain[i] == float_from_bf16(bf16_from_float(exact[i])));
    CHECK(half[i] == float_from_fp16(fp16_from_float(exact[i])));
  }
}

TEST_CASE("seeds, tensors and layers differ; a tied head is the embedding") {
  const DummyWeights weights(grouped(), DataType::fp32, 3);
  const DummyWeights other(grouped(), DataType::fp32, 4);
  const DummyWeights tied(grouped(true), DataType::fp32, 3);
  const auto layer0 = values_of_share(weights, Tensor::w1, 0, {});
  CHECK(layer0 != values_of_share(weights, Tensor::w1, 1, {}));
  CHECK(layer0 != values_of_share(weights, Tensor::w3, 0, {}));
  CHECK(layer0 != values_of_share(other, Tensor::w1, 0, {}));
  CHECK(values_of_share(weights, Tensor::output, 0, {}) !=
        values_of_share(weights, Tensor::tok_embeddings, 0, {}));
  CHECK(values_of_share(tied, Tensor::output, 0, {}) ==
        values_of_share(tied, Tensor::tok_embeddings, 0, {}));
}
