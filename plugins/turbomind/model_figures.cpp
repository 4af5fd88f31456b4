// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model_figures.hpp"

namespace turbomind {
namespace {

// All layers and the final norm, of one rank; embedding and head stand apart.
std::uint64_t body_elements(const Architecture& model, std::uint32_t ranks) {
  const std::uint64_t hidden = model.hidden_size;
  const std::uint64_t queries = std::uint64_t{model.head_num} * model.size_per_head / ranks;
  const std::uint64_t keys = std::uint64_t{model.kv_head_num} * model.size_per_head / ranks;
  const std::uint64_t inter = model.inter_size / ranks;
  std::uint64_t layer = hidden * (queries + 2 * keys) + queries * hidden + 3 * hidden * inter;
  layer += 2 * hidden;  // the two norms
  if (model.has_qkv_bias) layer += queries + 2 * keys;
  if (model.has_o_bias) layer += hidden;
  return model.num_layer * layer + hidden;
}

}  // namespace

ModelFigures figures_of(const Architecture& model, DataType type, std::uint32_t ranks) {
  const std::uint64_t hidden = model.hidden_size;
  const std::uint64_t head = padded_vocab(model.vocab_size, ranks) / ranks * hidden;
  const std::uint32_t kv_heads = model.kv_head_num / ranks;  // model/ has checked that it divides
  ModelFigures figures;
  figures.parameters =
      body_elements(model, 1) + model.vocab_size * hidden * (model.is_head_tied ? 1 : 2);
  figures.weight_bytes_per_step =
      static_cast<double>((body_elements(model, ranks) + head) * bytes_of(type));
  figures.kv_bytes_per_token =
      2.0 * model.num_layer * kv_heads * model.size_per_head * bytes_of(type);
  return figures;
}

std::uint64_t held_weight_bytes(const Architecture& model, DataType type, std::uint32_t ranks) {
  const std::uint64_t padded = padded_vocab(model.vocab_size, ranks);
  const std::uint64_t ends = (padded + padded / ranks) * model.hidden_size;  // embedding, head
  return (body_elements(model, ranks) + ends) * ranks * bytes_of(type);
}

}  // namespace turbomind
