// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/rank_share.hpp"

namespace turbomind {
namespace {

struct Name {
  const char* text;
  bool is_of_layer;
  bool is_of_rank;
};

Name name_parts(Tensor tensor) {
  switch (tensor) {
    case Tensor::tok_embeddings:
      return {"tok_embeddings.weight", false, false};
    case Tensor::output:
      return {"output.weight", false, false};
    case Tensor::norm:
      return {"norm.weight", false, false};
    case Tensor::attention_norm:
      return {"attention_norm.weight", true, false};
    case Tensor::ffn_norm:
      return {"ffn_norm.weight", true, false};
    case Tensor::w_qkv:
      return {"attention.w_qkv.weight", true, true};
    case Tensor::w_qkv_bias:
      return {"attention.w_qkv.bias", true, true};
    case Tensor::wo:
      return {"attention.wo.weight", true, true};
    case Tensor::wo_bias:
      return {"attention.wo.bias", true, true};
    case Tensor::w1:
      return {"feed_forward.w1.weight", true, true};
    case Tensor::w3:
      return {"feed_forward.w3.weight", true, true};
    case Tensor::w2:
      return {"feed_forward.w2.weight", true, true};
  }
  return {"", false, false};
}

// Columns of one rank: its q, its k, its v.
RankShare qkv_share(std::uint64_t rows, const Architecture& model, RankSlice slice) {
  const std::uint64_t queries = std::uint64_t{model.head_num} * model.size_per_head;
  const std::uint64_t keys = std::uint64_t{model.kv_head_num} * model.size_per_head;
  const std::uint64_t own_queries = queries / slice.ranks;
  const std::uint64_t own_keys = keys / slice.ranks;
  RankShare share{.unsplit_rows = rows, .unsplit_columns = queries + 2 * keys};
  share.runs = {ColumnRun{slice.rank * own_queries, own_queries},
                ColumnRun{queries + slice.rank * own_keys, own_keys},
                ColumnRun{queries + keys + slice.rank * own_keys, own_keys}};
  share.run_count = 3;
  return share;
}

RankShare row_share(std::uint64_t rows, std::uint64_t columns, RankSlice slice) {
  RankShare share{.unsplit_rows = rows, .unsplit_columns = columns};
  share.first_row = slice.rank * (rows / slice.ranks);
  share.runs[0] = {0, columns};
  return share;
}

RankShare column_share(std::uint64_t rows, std::uint64_t columns, RankSlice slice) {
  RankShare share{.unsplit_rows = rows, .unsplit_columns = columns};
  share.runs[0] = {slice.rank * (columns / slice.ranks), columns / slice.ranks};
  return share;
}

}  // namespace

RankShare share_of(Tensor tensor, const Architecture& model, RankSlice slice) {
  const std::uint64_t hidden = model.hidden_size;
  const std::uint64_t vocab = padded_vocab(model.vocab_size, slice.ranks);
  switch (tensor) {
    case Tensor::tok_embeddings:
      return row_share(vocab, hidden, {});
    case Tensor::output:
      return row_share(vocab, hidden, slice);
    case Tensor::norm:
    case Tensor::attention_norm:
    case Tensor::ffn_norm:
    case Tensor::wo_bias:
      return row_share(1, hidden, {});
    case Tensor::w_qkv:
      return qkv_share(hidden, model, slice);
    case Tensor::w_qkv_bias:
      return qkv_share(1, model, slice);
    case Tensor::wo:
      return row_share(std::uint64_t{model.head_num} * model.size_per_head, hidden, slice);
    case Tensor::w1:
    case Tensor::w3:
      return column_share(hidden, model.inter_size, slice);
    case Tensor::w2:
      return row_share(model.inter_size, hidden, slice);
  }
  return {};
}

TensorShape shape_of(Tensor tensor, const Architecture& architecture, std::uint32_t ranks) {
  const RankShare share = share_of(tensor, architecture, {0, ranks});
  TensorShape shape{share.unsplit_rows, 0};
  for (const ColumnRun& run : share.columns()) shape.columns += run.count;
  const bool is_split_by_rows =
      tensor == Tensor::output || tensor == Tensor::wo || tensor == Tensor::w2;
  if (is_split_by_rows) shape.rows /= ranks;
  return shape;
}

std::string name_of(Tensor tensor, std::uint32_t layer) {
  const Name name = name_parts(tensor);
  return name.is_of_layer ? "layers." + std::to_string(layer) + "." + name.text : name.text;
}

bool is_of_layer(Tensor tensor) { return name_parts(tensor).is_of_layer; }

bool is_of_rank(Tensor tensor) { return name_parts(tensor).is_of_rank; }

}  // namespace turbomind
