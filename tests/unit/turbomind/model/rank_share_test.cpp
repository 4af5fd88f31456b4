// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/rank_share.hpp"

#include <doctest/doctest.h>

using namespace turbomind;

namespace {

// InternLM-20B-like numbers made small: H 8, K 4, D 16, h 128, I 96, V 50.
Architecture grouped() {
  Architecture model;
  model.head_num = 8;
  model.kv_head_num = 4;
  model.size_per_head = 16;
  model.hidden_size = 128;
  model.inter_size = 96;
  model.num_layer = 2;
  model.vocab_size = 50;
  return model;
}

bool has_shape(Tensor tensor, std::uint32_t ranks, std::uint64_t rows, std::uint64_t columns) {
  const TensorShape shape = shape_of(tensor, grouped(), ranks);
  return shape.rows == rows && shape.columns == columns;
}

}  // namespace

TEST_CASE("a rank has its rows or columns of each tensor, and whole norms") {
  CHECK(has_shape(Tensor::tok_embeddings, 4, 52, 128));
  CHECK(has_shape(Tensor::output, 4, 13, 128));
  CHECK(has_shape(Tensor::norm, 4, 1, 128));
  CHECK(has_shape(Tensor::w_qkv, 4, 128, 64));
  CHECK(has_shape(Tensor::w_qkv_bias, 4, 1, 64));
  CHECK(has_shape(Tensor::wo, 4, 32, 128));
  CHECK(has_shape(Tensor::wo_bias, 4, 1, 128));
  CHECK(has_shape(Tensor::w1, 4, 128, 24));
  CHECK(has_shape(Tensor::w2, 4, 24, 128));
}

TEST_CASE("the columns of w_qkv of a rank are its q, its k and its v") {
  const RankShare share = share_of(Tensor::w_qkv, grouped(), {1, 2});
  REQUIRE(share.columns().size() == 3);
  CHECK(share.unsplit_columns == 256);
  CHECK(share.runs[0].first == 64);
  CHECK(share.runs[0].count == 64);
  CHECK(share.runs[1].first == 128 + 32);
  CHECK(share.runs[2].first == 192 + 32);
  CHECK(share.runs[2].count == 32);
}

TEST_CASE("rows of wo, w2 and the head start where the rank before ends") {
  CHECK(share_of(Tensor::wo, grouped(), {3, 4}).first_row == 96);
  CHECK(share_of(Tensor::w2, grouped(), {1, 2}).first_row == 48);
  CHECK(share_of(Tensor::output, grouped(), {2, 4}).first_row == 26);
  CHECK(share_of(Tensor::tok_embeddings, grouped(), {2, 4}).first_row == 0);
}

TEST_CASE("tensor names are those of the TurboMind files, without the rank") {
  CHECK(name_of(Tensor::w_qkv_bias, 3) == "layers.3.attention.w_qkv.bias");
  CHECK(name_of(Tensor::output, 3) == "output.weight");
  CHECK(is_of_rank(Tensor::wo_bias));
  CHECK(!is_of_rank(Tensor::ffn_norm));
}
