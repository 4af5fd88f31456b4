// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/huggingface_tensors.hpp"

#include <lmbench/plugin.hpp>
#include <set>

#include "turbomind/model/problem_list.hpp"
#include "turbomind/model/rank_share.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr const char* kEmbedding = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";
constexpr const char* kRotaryTable = "rotary_emb.inv_freq";

std::string in_layer(std::uint32_t layer, const char* name) {
  return "model.layers." + std::to_string(layer) + "." + name;
}

// A tied matrix is saved under one of two names, whichever the saver met first.
std::string embedding_name(const Architecture& model, const HuggingfaceCheckpoint& checkpoint) {
  const bool is_under_head = model.is_head_tied && !checkpoint.has(kEmbedding);
  return is_under_head && checkpoint.has(kHead) ? kHead : kEmbedding;
}

std::vector<HuggingfacePart> qkv_parts(std::uint32_t layer, const Architecture& model,
                                       bool is_bias) {
  const std::uint64_t queries = std::uint64_t{model.head_num} * model.size_per_head;
  const std::uint64_t keys = std::uint64_t{model.kv_head_num} * model.size_per_head;
  const std::uint64_t columns = is_bias ? 1 : model.hidden_size;
  const std::string ending = is_bias ? ".bias" : ".weight";
  return {{in_layer(layer, "self_attn.q_proj") + ending, queries, columns, is_bias, true},
          {in_layer(layer, "self_attn.k_proj") + ending, keys, columns, is_bias, true},
          {in_layer(layer, "self_attn.v_proj") + ending, keys, columns, is_bias, false}};
}

// All of one kind of bias, or none; a part of them is an error.
bool has_biases(const HuggingfaceCheckpoint& checkpoint, const Architecture& model, Tensor bias) {
  std::string present;
  std::string missing;
  for (std::uint32_t layer = 0; layer < model.num_layer; ++layer) {
    for (const HuggingfacePart& part : parts_of(bias, layer, model, checkpoint)) {
      std::string& first = checkpoint.has(part.name) ? present : missing;
      if (first.empty()) first = part.name;
    }
  }
  if (!present.empty() && !missing.empty()) {
    throw Error(Code::invalid_argument, checkpoint.directory().string() + ": there is '" + present +
                                            "', but no '" + missing + "'");
  }
  return !present.empty();
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t extent : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(extent);
  }
  return "[" + text + "]";
}

void check_part(const HuggingfaceCheckpoint& checkpoint, const HuggingfacePart& part,
                ProblemList& problems) {
  if (!checkpoint.has(part.name)) {
    problems.add("there is no tensor '" + part.name + "'");
    return;
  }
  std::vector<std::uint64_t> expected{part.rows};
  if (!part.is_vector) expected.push_back(part.columns);
  const std::vector<std::uint64_t>& found = checkpoint.shape_of(part.name);
  if (found != expected) {
    problems.add("tensor '" + part.name + "' has shape " + shape_text(found) +
                 ", but config.json asks for " + shape_text(expected));
  }
  checkpoint.data_type_of(part.name);
}

}  // namespace

std::vector<HuggingfacePart> parts_of(Tensor tensor, std::uint32_t layer, const Architecture& model,
                                      const HuggingfaceCheckpoint& checkpoint) {
  const std::uint64_t hidden = model.hidden_size;
  const std::uint64_t queries = std::uint64_t{model.head_num} * model.size_per_head;
  const std::uint64_t inter = model.inter_size;
  switch (tensor) {
    case Tensor::tok_embeddings:
      return {{embedding_name(model, checkpoint), model.vocab_size, hidden}};
    case Tensor::output:
      return {{model.is_head_tied ? embedding_name(model, checkpoint) : kHead, model.vocab_size,
               hidden}};
    case Tensor::norm:
      return {{"model.norm.weight", hidden, 1, true}};
    case Tensor::attention_norm:
      return {{in_layer(layer, "input_layernorm.weight"), hidden, 1, true}};
    case Tensor::ffn_norm:
      return {{in_layer(layer, "post_attention_layernorm.weight"), hidden, 1, true}};
    case Tensor::w_qkv:
      return qkv_parts(layer, model, false);
    case Tensor::w_qkv_bias:
      return qkv_parts(layer, model, true);
    case Tensor::wo:
      return {{in_layer(layer, "self_attn.o_proj.weight"), hidden, queries}};
    case Tensor::wo_bias:
      return {{in_layer(layer, "self_attn.o_proj.bias"), hidden, 1, true}};
    case Tensor::w1:
      return {{in_layer(layer, "mlp.gate_proj.weight"), inter, hidden}};
    case Tensor::w3:
      return {{in_layer(layer, "mlp.up_proj.weight"), inter, hidden}};
    case Tensor::w2:
      return {{in_layer(layer, "mlp.down_proj.weight"), hidden, inter}};
  }
  return {};
}

void check_tensors(const HuggingfaceCheckpoint& checkpoint, Architecture& model) {
  model.has_qkv_bias = has_biases(checkpoint, model, Tensor::w_qkv_bias);
  model.has_o_bias = has_biases(checkpoint, model, Tensor::wo_bias);
  ProblemList problems;
  for_each_tensor(model, [&](Tensor tensor, std::uint32_t layer) {
    if (tensor == Tensor::output && model.is_head_tied) return;
    for (const HuggingfacePart& part : parts_of(tensor, layer, model, checkpoint)) {
      check_part(checkpoint, part, problems);
    }
  });
  problems.refuse_if_any(checkpoint.directory().string());
}

std::vector<std::string> unused_tensors(const HuggingfaceCheckpoint& checkpoint,
                                        const Architecture& model) {
  std::set<std::string> used;
  for_each_tensor(model, [&](Tensor tensor, std::uint32_t layer) {
    for (const HuggingfacePart& part : parts_of(tensor, layer, model, checkpoint)) {
      used.insert(part.name);
    }
  });
  if (model.is_head_tied) used.insert(kHead);
  std::vector<std::string> unused;
  for (const std::string& name : checkpoint.names()) {
    const bool is_table = name.find(kRotaryTable) != std::string::npos;
    if (!is_table && used.count(name) == 0) unused.push_back(name);
  }
  return unused;
}

}  // namespace turbomind
