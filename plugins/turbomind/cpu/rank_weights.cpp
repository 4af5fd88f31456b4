// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/rank_weights.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "turbomind/model/rank_share.hpp"

namespace turbomind {
namespace {

constexpr std::uint64_t kStripBytes = std::uint64_t{16} << 20U;  // read and packed by one thread

struct Strip {
  Tensor tensor;
  std::uint32_t layer;
  std::uint64_t first_row;
  std::uint64_t row_count;
  std::uint64_t bytes;
};

void add_strips(Tensor tensor, std::uint32_t layer, std::uint64_t rows, std::uint64_t row_bytes,
                std::vector<Strip>& strips) {
  const std::uint64_t most_rows = std::max<std::uint64_t>(kStripBytes / row_bytes, 1);
  for (std::uint64_t row = 0; row < rows; row += most_rows) {
    const std::uint64_t count = std::min(most_rows, rows - row);
    strips.push_back({tensor, layer, row, count, count * row_bytes});
  }
}

TileRange all_tiles(const PackedMatrix& matrix) { return {0, matrix.tiles()}; }

}  // namespace

RankWeights::RankWeights(const WeightSource& source, RankSlice slice, ThreadTeam& team,
                         const Kernels& kernels)
    : kernels_(kernels),
      architecture_(source.architecture()),
      type_(source.data_type()),
      slice_(slice),
      layers_(architecture_.num_layer) {
  MemoryCutter sizes(nullptr);
  lay_out(sizes);
  memory_ = AnonymousMemory(sizes.used(), MemoryUseKind::dense, "the weights");
  MemoryCutter cutter(memory_.data());
  lay_out(cutter);
  read_all(source, team);
}

void RankWeights::lay_out(MemoryCutter& cutter) {
  const auto shape = [&](Tensor tensor) { return shape_of(tensor, architecture_, slice_.ranks); };
  const auto matrix = [&](PackedMatrix& packed, std::uint64_t rows, std::uint64_t columns,
                          bool is_gate_up) {
    packed = {.type = type_,
              .is_gate_up = is_gate_up,
              .rows = static_cast<std::uint32_t>(rows),
              .columns = static_cast<std::uint32_t>(columns)};
    packed.data = cutter.take(packed.packed_bytes());
  };
  const auto tensor = [&](PackedMatrix& packed, Tensor name) {
    matrix(packed, shape(name).rows, shape(name).columns, name == Tensor::w1);
  };
  const auto vector = [&](float*& values, Tensor name) {
    values = cutter.take<float>(shape(name).columns);
  };
  for (LayerWeights& layer : layers_) {
    vector(layer.attention_norm, Tensor::attention_norm);
    tensor(layer.w_qkv, Tensor::w_qkv);
    if (architecture_.has_qkv_bias) vector(layer.qkv_bias, Tensor::w_qkv_bias);
    tensor(layer.wo, Tensor::wo);
    if (has(Tensor::wo_bias)) vector(layer.wo_bias, Tensor::wo_bias);
    vector(layer.ffn_norm, Tensor::ffn_norm);
    tensor(layer.gate_up, Tensor::w1);
    tensor(layer.w2, Tensor::w2);
  }
  vector(norm_, Tensor::norm);
  const TensorShape head = shape(Tensor::output);  // stored as [N, K]
  matrix(head_, head.columns, head.rows, false);
  if (has(Tensor::tok_embeddings)) {
    embedding_ = cutter.take(std::size_t{architecture_.vocab_size} * architecture_.hidden_size *
                             bytes_of(type_));
  }
}

// Whether this rank keeps the tensor at all.
bool RankWeights::has(Tensor tensor) const {
  if (tensor == Tensor::wo_bias) return architecture_.has_o_bias && slice_.rank == 0;
  // A rank of several has a part of the head only, but needs every row of the embedding.
  if (tensor == Tensor::tok_embeddings) return !architecture_.is_head_tied || slice_.ranks > 1;
  return true;
}

void RankWeights::read_all(const WeightSource& source, ThreadTeam& team) {
  std::vector<Strip> strips;
  for_each_tensor(architecture_, [&](Tensor tensor, std::uint32_t layer) {
    if (!has(tensor)) return;
    TensorShape shape = shape_of(tensor, architecture_, slice_.ranks);
    if (tensor == Tensor::tok_embeddings) shape.rows = architecture_.vocab_size;
    add_strips(tensor, layer, shape.rows, shape.columns * bytes_of(type_), strips);
  });
  std::atomic<std::size_t> next{0};
  team.run([&](std::uint32_t thread) {
    touch(thread, team.size());
    team.meet();
    std::vector<std::byte> rows;
    for (std::size_t i = next++; i < strips.size(); i = next++) {
      const Strip& strip = strips[i];
      rows.resize(strip.bytes);
      source.read_rows(strip.tensor, strip.layer, slice_, strip.first_row, strip.row_count, rows);
      place(strip.tensor, strip.layer, static_cast<std::uint32_t>(strip.first_row),
            static_cast<std::uint32_t>(strip.row_count), rows);
    }
  });
}

void RankWeights::touch(std::uint32_t thread, std::uint32_t threads) {
  const auto clear = [&](const PackedMatrix& matrix) {
    clear_tiles(matrix, tile_share(matrix.tiles(), threads, thread));
  };
  for (const LayerWeights& layer : layers_) {
    clear(layer.w_qkv);
    clear(layer.wo);
    clear(layer.gate_up);
    clear(layer.w2);
  }
  clear(head_);
}

// Rows as the source delivers them, to where the kernels want them.
void RankWeights::place(Tensor tensor, std::uint32_t layer_index, std::uint32_t first_row,
                        std::uint32_t row_count, std::span<const std::byte> rows) {
  LayerWeights& layer = layers_[layer_index];
  const auto pack = [&](const PackedMatrix& matrix, PackPart part) {
    pack_rows(matrix, all_tiles(matrix), part, first_row, row_count, rows.data(), matrix.columns);
  };
  const auto widen = [&](float* values) {
    kernels_.widen(rows.data(), type_, values, rows.size() / bytes_of(type_));
  };
  switch (tensor) {
    case Tensor::tok_embeddings:
      std::memcpy(embedding_ + std::size_t{first_row} * architecture_.hidden_size * bytes_of(type_),
                  rows.data(), rows.size());
      return;
    case Tensor::output:
      pack_columns(head_, all_tiles(head_), first_row, row_count, rows.data(), head_.rows);
      return;
    case Tensor::norm:
      return widen(norm_);
    case Tensor::attention_norm:
      return widen(layer.attention_norm);
    case Tensor::ffn_norm:
      return widen(layer.ffn_norm);
    case Tensor::w_qkv:
      return pack(layer.w_qkv, PackPart::whole);
    case Tensor::w_qkv_bias:
      return widen(layer.qkv_bias);
    case Tensor::wo:
      return pack(layer.wo, PackPart::whole);
    case Tensor::wo_bias:
      return widen(layer.wo_bias);
    case Tensor::w1:
      return pack(layer.gate_up, PackPart::gate);
    case Tensor::w3:
      return pack(layer.gate_up, PackPart::up);
    case Tensor::w2:
      return pack(layer.w2, PackPart::whole);
  }
}

void RankWeights::embed(std::uint32_t token, float* row) const noexcept {
  const std::uint32_t columns = architecture_.hidden_size;
  if (embedding_ != nullptr) {
    kernels_.widen(embedding_ + std::size_t{token} * columns * bytes_of(type_), type_, row,
                   columns);
    return;
  }
  // Out-feature `token` of the head, a few elements of it at a time.
  constexpr std::uint32_t kElements = 256;
  alignas(64) std::byte elements[kElements * sizeof(float)];
  for (std::uint32_t k = 0; k < columns; k += kElements) {
    const std::uint32_t count = std::min(kElements, columns - k);
    unpack_column(head_, token, k, count, elements);
    kernels_.widen(elements, type_, row + k, count);
  }
}

}  // namespace turbomind
