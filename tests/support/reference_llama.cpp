// SPDX-License-Identifier: Apache-2.0
#include "reference_llama.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "safetensors_values.hpp"

namespace lmbench::test {
namespace {

ReferenceShape shape_of(const SmallModel& model) {
  return {.heads = model.heads,
          .kv_heads = model.kv_heads,
          .head_size = model.head_size,
          .hidden_size = model.hidden_size(),
          .layers = model.layers,
          .inter_size = model.inter_size,
          .vocab_size = model.vocab_size,
          .norm_eps = model.norm_eps,
          .rope_theta = model.rope_theta};
}

void add(std::span<const double> x, std::span<double> sum) {
  for (std::size_t i = 0; i < x.size(); ++i) sum[i] += x[i];
}

double silu(double x) { return x / (1 + std::exp(-x)); }

}  // namespace

void rotate_half_split(std::span<double> head, std::uint64_t position, double theta) {
  const std::size_t half = head.size() / 2;
  for (std::size_t j = 0; j < half; ++j) {
    const double exponent = -2.0 * static_cast<double>(j) / static_cast<double>(head.size());
    const double angle = static_cast<double>(position) * std::pow(theta, exponent);
    const double low = head[j];
    const double high = head[j + half];
    head[j] = low * std::cos(angle) - high * std::sin(angle);
    head[j + half] = high * std::cos(angle) + low * std::sin(angle);
  }
}

std::vector<double> rms_norm(std::span<const double> x, std::span<const double> weight,
                             double epsilon) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  const double scale = 1 / std::sqrt(squares / static_cast<double>(x.size()) + epsilon);
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] * scale * weight[i];
  return y;
}

std::vector<double> ReferenceLlama::vector_of(const Tensors& tensors, const std::string& name,
                                              std::uint64_t size) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw std::runtime_error("reference: there is no tensor " + name);
  const std::vector<float>& values = found->second->values;
  if (values.size() != size) throw std::runtime_error("reference: the size of " + name);
  return {values.begin(), values.end()};
}

ReferenceLlama::Linear ReferenceLlama::linear_of(const Tensors& tensors, const std::string& name,
                                                 std::uint32_t out, std::uint32_t in) {
  Linear linear{in, vector_of(tensors, name + ".weight", std::uint64_t{out} * in), {}};
  if (tensors.count(name + ".bias") != 0) linear.bias = vector_of(tensors, name + ".bias", out);
  return linear;
}

ReferenceLlama::ReferenceLlama(const SmallModel& model)
    : ReferenceLlama(shape_of(model), tensors_of(model)) {}

ReferenceLlama::ReferenceLlama(const ReferenceShape& shape, const std::vector<SmallTensor>& all)
    : shape_(shape) {
  Tensors tensors;
  for (const SmallTensor& tensor : all) tensors[tensor.name] = &tensor;
  const std::uint32_t queries = shape.heads * shape.head_size;
  const std::uint32_t keys = shape.kv_heads * shape.head_size;
  const std::uint64_t matrix = std::uint64_t{shape.vocab_size} * shape.hidden_size;
  const std::string head = "lm_head";
  const std::string embedding = "model.embed_tokens";
  const bool has_embedding = tensors.count(embedding + ".weight") != 0;
  const bool has_head = tensors.count(head + ".weight") != 0;
  embedding_ = vector_of(tensors, (has_embedding ? embedding : head) + ".weight", matrix);
  for (std::uint32_t i = 0; i < shape.layers; ++i) {
    const std::string prefix = "model.layers." + std::to_string(i) + ".";
    const auto linear = [&](const char* name, std::uint32_t out, std::uint32_t in) {
      return linear_of(tensors, prefix + name, out, in);
    };
    layers_.push_back(
        {.attention_norm = vector_of(tensors, prefix + "input_layernorm.weight", shape.hidden_size),
         .ffn_norm =
             vector_of(tensors, prefix + "post_attention_layernorm.weight", shape.hidden_size),
         .q = linear("self_attn.q_proj", queries, shape.hidden_size),
         .k = linear("self_attn.k_proj", keys, shape.hidden_size),
         .v = linear("self_attn.v_proj", keys, shape.hidden_size),
         .o = linear("self_attn.o_proj", shape.hidden_size, queries),
         .gate = linear("mlp.gate_proj", shape.inter_size, shape.hidden_size),
         .up = linear("mlp.up_proj", shape.inter_size, shape.hidden_size),
         .down = linear("mlp.down_proj", shape.hidden_size, shape.inter_size)});
  }
  norm_ = vector_of(tensors, "model.norm.weight", shape.hidden_size);
  head_ = linear_of(tensors, has_head ? head : embedding, shape.vocab_size, shape.hidden_size);
}

ReferenceLlama ReferenceLlama::read(const std::filesystem::path& folder) {
  const nlohmann::json config = nlohmann::json::parse(text_of(folder / "config.json"));
  ReferenceShape shape;
  config.at("num_attention_heads").get_to(shape.heads);
  config.at("num_key_value_heads").get_to(shape.kv_heads);
  config.at("hidden_size").get_to(shape.hidden_size);
  config.at("num_hidden_layers").get_to(shape.layers);
  config.at("intermediate_size").get_to(shape.inter_size);
  config.at("vocab_size").get_to(shape.vocab_size);
  config.at("rms_norm_eps").get_to(shape.norm_eps);
  config.at("rope_theta").get_to(shape.rope_theta);
  shape.head_size = config.value("head_dim", shape.hidden_size / shape.heads);
  return {shape, safetensors_values(folder / "model.safetensors")};
}

std::vector<double> ReferenceLlama::Linear::operator()(std::span<const double> x) const {
  std::vector<double> y(weight.size() / in);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double* row = weight.data() + i * in;
    double sum = bias.empty() ? 0 : bias[i];
    for (std::size_t j = 0; j < in; ++j) sum += row[j] * x[j];
    y[i] = sum;
  }
  return y;
}

ReferenceSequence::ReferenceSequence(const ReferenceLlama& model)
    : model_(model), caches_(model.layers_.size()) {}

std::vector<double> ReferenceSequence::append(std::int32_t token) {
  return append(std::span(&token, 1));
}

std::vector<double> ReferenceSequence::append(std::span<const std::int32_t> tokens) {
  std::vector<double> stream;
  for (const std::int32_t token : tokens) append_to_stream(token, stream);
  return model_.head_(rms_norm(stream, model_.norm_, model_.shape_.norm_eps));
}

// The residual stream of one token, from the embedding through all layers.
void ReferenceSequence::append_to_stream(std::int32_t token, std::vector<double>& stream) {
  const ReferenceShape& shape = model_.shape_;
  const auto row = static_cast<std::uint32_t>(token);
  if (row >= shape.vocab_size) throw std::runtime_error("reference: no such token");
  const auto first = model_.embedding_.begin() + static_cast<std::ptrdiff_t>(row) *
                                                     static_cast<std::ptrdiff_t>(shape.hidden_size);
  stream.assign(first, first + shape.hidden_size);
  for (std::size_t i = 0; i < model_.layers_.size(); ++i) {
    const ReferenceLlama::Layer& layer = model_.layers_[i];
    const std::vector<double> x = rms_norm(stream, layer.attention_norm, shape.norm_eps);
    add(layer.o(attend(layer, caches_[i], x)), stream);
    const std::vector<double> z = rms_norm(stream, layer.ffn_norm, shape.norm_eps);
    std::vector<double> inner = layer.gate(z);
    const std::vector<double> up = layer.up(z);
    for (std::size_t j = 0; j < inner.size(); ++j) inner[j] = silu(inner[j]) * up[j];
    add(layer.down(inner), stream);
  }
  ++length_;
}

// Appends key and value of the token at position length_, and lets every query head look back.
std::vector<double> ReferenceSequence::attend(const ReferenceLlama::Layer& layer, LayerCache& cache,
                                              std::span<const double> x) const {
  const ReferenceShape& shape = model_.shape_;
  const std::size_t size = shape.head_size;
  std::vector<double> queries = layer.q(x);
  std::vector<double> keys = layer.k(x);
  const std::vector<double> values = layer.v(x);
  for (std::size_t n = 0; n < shape.heads; ++n) {
    rotate_half_split(std::span(queries).subspan(n * size, size), length_, shape.rope_theta);
  }
  for (std::size_t n = 0; n < shape.kv_heads; ++n) {
    rotate_half_split(std::span(keys).subspan(n * size, size), length_, shape.rope_theta);
  }
  cache.keys.insert(cache.keys.end(), keys.begin(), keys.end());
  cache.values.insert(cache.values.end(), values.begin(), values.end());
  std::vector<double> out(queries.size());
  const std::size_t group = shape.heads / shape.kv_heads;
  for (std::size_t n = 0; n < shape.heads; ++n) {
    attend_head(std::span(queries).subspan(n * size, size), cache, n / group,
                std::span(out).subspan(n * size, size));
  }
  return out;
}

// Softmax of q.k / sqrt(D) over all tokens so far, then the mean of their values by it.
void ReferenceSequence::attend_head(std::span<const double> query, const LayerCache& cache,
                                    std::size_t kv_head, std::span<double> out) const {
  const std::size_t size = query.size();
  const std::size_t stride = model_.shape_.kv_heads * size;
  std::vector<double> scores(cache.keys.size() / stride);
  for (std::size_t t = 0; t < scores.size(); ++t) {
    const double* key = cache.keys.data() + t * stride + kv_head * size;
    for (std::size_t d = 0; d < size; ++d) scores[t] += query[d] * key[d];
    scores[t] /= std::sqrt(static_cast<double>(size));
  }
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - most);
  for (std::size_t t = 0; t < scores.size(); ++t) {
    const double* value = cache.values.data() + t * stride + kv_head * size;
    for (std::size_t d = 0; d < size; ++d) out[d] += scores[t] / sum * value[d];
  }
}

}  // namespace lmbench::test
