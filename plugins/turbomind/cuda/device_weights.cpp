// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/device_weights.hpp"

#include <lmbench/plugin.hpp>

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/weight_upload.hpp"
#include "turbomind/model/rank_share.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::size_t kElementBytes = 2;

DataType checked_type(DataType type) {
  if (type != DataType::fp32) return type;
  throw lmbench::sdk::Error(lmbench::Code::unsupported,
                            "the CUDA backend computes in fp16 and bf16, and the weights are fp32; "
                            "set engine option dtype to \"fp16\" or \"bf16\"");
}

}  // namespace

DeviceWeights::DeviceWeights(const WeightSource& source, RankSlice slice)
    : architecture_(source.architecture()),
      slice_(slice),
      shape_(device_shape(architecture_, checked_type(source.data_type()), slice.ranks)),
      layers_(architecture_.num_layer) {
  MemoryCutter sizes(nullptr);
  lay_out(sizes);
  memory_ = DeviceMemory(sizes.used(), "the weights");
  MemoryCutter cutter(memory_.data());
  lay_out(cutter);
  // Padding is zero, whatever is not written.
  check(cudaMemset(memory_.data(), 0, memory_.size()), "cudaMemset");
  std::vector<Upload> uploads;
  for_each_tensor(architecture_, [&](Tensor tensor, std::uint32_t layer) {
    if (has(tensor)) uploads.push_back(upload_of(tensor, layer));
  });
  // The clearing runs in another stream than the uploads.
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  upload_all(source, slice, uploads);
}

void DeviceWeights::lay_out(MemoryCutter& cutter) {
  const auto elements = [&](std::size_t rows, std::size_t columns) {
    return cutter.take(rows * columns * kElementBytes);
  };
  const DeviceShape& s = shape_;
  for (DeviceLayer& layer : layers_) {
    layer.attention_norm = elements(1, s.hidden_stride);
    layer.qkv = elements(s.qkv_columns(), s.hidden_stride);
    if (architecture_.has_qkv_bias) layer.qkv_bias = elements(1, s.qkv_columns());
    layer.wo = elements(s.hidden_stride, s.query_columns());
    if (has(Tensor::wo_bias)) layer.wo_bias = elements(1, s.hidden_stride);
    layer.ffn_norm = elements(1, s.hidden_stride);
    layer.gate_up = elements(std::size_t{2} * s.inter_stride, s.hidden_stride);
    layer.down = elements(s.hidden_stride, s.inter_stride);
  }
  norm_ = elements(1, s.hidden_stride);
  head_ = elements(s.head_stride, s.hidden_stride);
  embedding_ = has(Tensor::tok_embeddings) ? elements(s.vocab, s.hidden_stride) : head_;
}

// Whether this rank keeps the tensor at all.
bool DeviceWeights::has(Tensor tensor) const {
  if (tensor == Tensor::wo_bias) return architecture_.has_o_bias && slice_.rank == 0;
  // A rank of several has a part of the head only, but needs every row of the embedding.
  if (tensor == Tensor::tok_embeddings) return !architecture_.is_head_tied || slice_.ranks > 1;
  return true;
}

Upload DeviceWeights::upload_of(Tensor tensor, std::uint32_t layer_index) const {
  const DeviceLayer& layer = layers_[layer_index];
  const DeviceShape& s = shape_;
  const TensorShape shape = shape_of(tensor, architecture_, slice_.ranks);
  const auto columns = static_cast<std::uint32_t>(shape.columns);
  const std::uint32_t rotated = (s.heads + s.kv_heads) * s.head_dim;  // q and k
  Upload upload{tensor, layer_index, shape.rows, shape.columns, s.hidden_stride, true, {}};
  const auto whole = [&](std::byte* target, RowOrder order = RowOrder::natural) {
    upload.parts = {{0, columns, order, target}};
    return upload;
  };
  const auto vector = [&](std::byte* target) {
    upload.is_transposed = false;
    return whole(target);
  };
  // A stride of 1 makes a packed [1, n] a vector in the row order of the matrix.
  const auto qkv = [&](std::byte* target, std::uint32_t stride) {
    upload.target_stride = stride;
    upload.parts = {{0, rotated, RowOrder::rotary, target},
                    {rotated, columns - rotated, RowOrder::natural,
                     target + std::size_t{rotated} * stride * kElementBytes}};
    return upload;
  };
  switch (tensor) {
    case Tensor::tok_embeddings:
      upload.rows = s.vocab;
      return vector(embedding_);
    case Tensor::output:
      return vector(head_);
    case Tensor::norm:
      return vector(norm_);
    case Tensor::attention_norm:
      return vector(layer.attention_norm);
    case Tensor::ffn_norm:
      return vector(layer.ffn_norm);
    case Tensor::w_qkv:
      return qkv(layer.qkv, s.hidden_stride);
    case Tensor::w_qkv_bias:
      return qkv(layer.qkv_bias, 1);
    case Tensor::wo:
      upload.target_stride = s.query_columns();
      return whole(layer.wo);
    case Tensor::wo_bias:
      return vector(layer.wo_bias);
    case Tensor::w1:
      return whole(layer.gate_up, RowOrder::gate);
    case Tensor::w3:
      return whole(layer.gate_up, RowOrder::up);
    case Tensor::w2:
      upload.target_stride = s.inter_stride;
      return whole(layer.down);
  }
  return upload;
}

}  // namespace turbomind::cuda
