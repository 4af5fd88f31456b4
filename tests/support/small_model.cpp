// SPDX-License-Identifier: Apache-2.0
#include "small_model.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "turbomind/model/float16.hpp"

namespace lmbench::test {
namespace {

namespace fs = std::filesystem;

float rounded(float value, SmallType type) {
  switch (type) {
    case SmallType::fp32:
      return value;
    case SmallType::fp16:
      return turbomind::float_from_fp16(turbomind::fp16_from_float(value));
    case SmallType::bf16:
      return turbomind::float_from_bf16(turbomind::bf16_from_float(value));
  }
  return value;
}

// Uniform numbers that are the same with every standard library.
class TensorMaker {
 public:
  explicit TensorMaker(const SmallModel& model) : model_(model), random_(model.seed) {}

  // Uniform around the centre, of this standard deviation.
  void add(const std::string& name, std::vector<std::uint64_t> shape, double deviation,
           double centre = 0) {
    SmallTensor tensor{name, std::move(shape), {}};
    std::uint64_t size = 1;
    for (const std::uint64_t extent : tensor.shape) size *= extent;
    tensor.values.reserve(size);
    for (std::uint64_t i = 0; i < size; ++i) {
      const double unit = static_cast<double>(random_() >> 11U) * 0x1p-52 - 1.0;  // [-1, 1)
      const auto value = static_cast<float>(centre + unit * deviation * std::sqrt(3.0));
      tensor.values.push_back(rounded(value, model_.type));
    }
    tensors.push_back(std::move(tensor));
  }
  // Weights [out, in] that keep the size of activations.
  void add_linear(const std::string& name, std::uint64_t out, std::uint64_t in, bool has_bias) {
    add(name + ".weight", {out, in}, 1.0 / std::sqrt(static_cast<double>(in)));
    if (has_bias) add(name + ".bias", {out}, 0.1);
  }

  std::vector<SmallTensor> tensors;
 private:
  const SmallModel& model_;
  std::mt19937_64 random_;
};

void add_layer(const SmallModel& model, std::uint32_t layer, TensorMaker& maker) {
  const std::string prefix = "model.layers." + std::to_string(layer) + ".";
  const std::uint64_t hidden = model.hidden_size();
  const std::uint64_t keys = std::uint64_t{model.kv_heads} * model.head_size;
  maker.add(prefix + "input_layernorm.weight", {hidden}, 0.2, 1.0);
  maker.add_linear(prefix + "self_attn.q_proj", hidden, hidden, model.has_qkv_bias);
  maker.add_linear(prefix + "self_attn.k_proj", keys, hidden, model.has_qkv_bias);
  maker.add_linear(prefix + "self_attn.v_proj", keys, hidden, model.has_qkv_bias);
  maker.add_linear(prefix + "self_attn.o_proj", hidden, hidden, model.has_o_bias);
  maker.add(prefix + "post_attention_layernorm.weight", {hidden}, 0.2, 1.0);
  maker.add_linear(prefix + "mlp.gate_proj", model.inter_size, hidden, false);
  maker.add_linear(prefix + "mlp.up_proj", model.inter_size, hidden, false);
  maker.add_linear(prefix + "mlp.down_proj", hidden, model.inter_size, false);
}

const char* name_of(SmallType type, bool is_torch) {
  switch (type) {
    case SmallType::fp32:
      return is_torch ? "float32" : "F32";
    case SmallType::fp16:
      return is_torch ? "float16" : "F16";
    case SmallType::bf16:
      return is_torch ? "bfloat16" : "BF16";
  }
  return "";
}

void append(std::string& bytes, float value, SmallType type) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if (type == SmallType::fp16) bits = turbomind::fp16_from_float(value);
  if (type == SmallType::bf16) bits = turbomind::bf16_from_float(value);
  const int width = type == SmallType::fp32 ? 4 : 2;
  for (int i = 0; i < width; ++i) bytes.push_back(static_cast<char>(bits >> (8 * i) & 0xFFU));
}

std::string shard_name(std::uint32_t shard, std::uint32_t shards) {
  std::ostringstream name;
  name << "model-0000" << shard + 1 << "-of-0000" << shards << ".safetensors";
  return name.str();
}

void write_shards(const SmallModel& model, const fs::path& folder) {
  const std::vector<SmallTensor> tensors = tensors_of(model);
  std::vector<std::vector<SmallTensor>> parts(model.shards);
  std::string map;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto shard = static_cast<std::uint32_t>(i * model.shards / tensors.size());
    parts[shard].push_back(tensors[i]);
    map += (map.empty() ? "\"" : ", \"") + tensors[i].name + "\": \"" +
           shard_name(shard, model.shards) + "\"";
  }
  for (std::uint32_t i = 0; i < model.shards; ++i) {
    write_safetensors(parts[i], model.type, folder / shard_name(i, model.shards));
  }
  write_text("{\"metadata\": {\"total_size\": 0}, \"weight_map\": {" + map + "}}",
             folder / "model.safetensors.index.json");
}

}  // namespace

std::vector<SmallTensor> tensors_of(const SmallModel& model) {
  TensorMaker maker(model);
  const std::uint64_t hidden = model.hidden_size();
  const double head_deviation = 1.0 / std::sqrt(static_cast<double>(hidden));
  maker.add("model.embed_tokens.weight", {model.vocab_size, hidden},
            model.is_tied ? head_deviation : 1.0);
  for (std::uint32_t i = 0; i < model.layers; ++i) add_layer(model, i, maker);
  maker.add("model.norm.weight", {hidden}, 0.2, 1.0);
  if (!model.is_tied) maker.add("lm_head.weight", {model.vocab_size, hidden}, head_deviation);
  return maker.tensors;
}

std::string config_json(const SmallModel& model) {
  std::ostringstream text;
  text << "{\n  \"model_type\": \"" << model.model_type << "\",\n  \"hidden_act\": \"silu\""
       << ",\n  \"hidden_size\": " << model.hidden_size()
       << ",\n  \"intermediate_size\": " << model.inter_size
       << ",\n  \"num_attention_heads\": " << model.heads
       << ",\n  \"num_key_value_heads\": " << model.kv_heads
       << ",\n  \"num_hidden_layers\": " << model.layers
       << ",\n  \"vocab_size\": " << model.vocab_size << ",\n  \"rms_norm_eps\": " << model.norm_eps
       << ",\n  \"rope_theta\": " << model.rope_theta << ",\n  \"rope_scaling\": null"
       << ",\n  \"max_position_embeddings\": " << model.max_position_embeddings
       << ",\n  \"bos_token_id\": " << model.bos << ",\n  \"eos_token_id\": " << model.eos
       << ",\n  \"tie_word_embeddings\": " << (model.is_tied ? "true" : "false")
       << ",\n  \"torch_dtype\": \"" << name_of(model.type, true) << "\"\n}\n";
  return text.str();
}

void write_small_model(const SmallModel& model, const fs::path& folder) {
  fs::create_directories(folder);
  write_text(config_json(model), folder / "config.json");
  if (model.shards > 1) {
    write_shards(model, folder);
  } else {
    write_safetensors(tensors_of(model), model.type, folder / "model.safetensors");
  }
}

void write_safetensors(const std::vector<SmallTensor>& tensors, SmallType type,
                       const fs::path& file) {
  std::string header = "{\"__metadata__\": {\"format\": \"pt\"}";
  std::string data;
  for (const SmallTensor& tensor : tensors) {
    const std::size_t begin = data.size();
    for (const float value : tensor.values) append(data, value, type);
    header +=
        ", \"" + tensor.name + "\": {\"dtype\": \"" + name_of(type, false) + "\", \"shape\": [";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      header += (i == 0 ? "" : ", ") + std::to_string(tensor.shape[i]);
    }
    header += "], \"data_offsets\": [" + std::to_string(begin) + ", " +
              std::to_string(data.size()) + "]}";
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string length;
  for (int i = 0; i < 8; ++i) {
    length.push_back(static_cast<char>(std::uint64_t{header.size()} >> (8 * i) & 0xFFU));
  }
  write_text(length + header + data, file);
}

void write_text(const std::string& text, const fs::path& file) {
  std::ofstream stream(file, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace lmbench::test
