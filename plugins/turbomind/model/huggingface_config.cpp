// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/huggingface_config.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <lmbench/plugin.hpp>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "turbomind/model/architecture_check.hpp"
#include "turbomind/model/text_file.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;
using nlohmann::json;

json parse_object(std::string_view text, const std::string& path) {
  try {
    json parsed = json::parse(text);
    if (parsed.is_object()) return parsed;
  } catch (const json::exception& e) {
    throw Error(Code::invalid_argument, path + ": not valid JSON: " + e.what());
  }
  throw Error(Code::invalid_argument, path + ": not a JSON object");
}

class Reader {
 public:
  Reader(json config, std::string path) : config_(std::move(config)), path_(std::move(path)) {}

  const json* find(const char* key) const { return find_in(config_, key); }
  static const json* find_in(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }

  std::uint32_t count(const char* key, std::optional<std::uint32_t> fallback = {}) const {
    const json* value = find(key);
    if (value == nullptr && fallback) return *fallback;
    if (value == nullptr) refuse("'" + std::string(key) + "' is missing");
    constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() == 0 ||
        value->get<std::uint64_t>() > kMost) {
      refuse("'" + std::string(key) + "' is " + value->dump() + ", not a positive integer");
    }
    return static_cast<std::uint32_t>(value->get<std::uint64_t>());
  }
  float real(const json* value, const char* key, double fallback) const {
    if (value == nullptr) return static_cast<float>(fallback);
    if (!value->is_number()) refuse("'" + std::string(key) + "' is not a number");
    return static_cast<float>(value->get<double>());
  }
  bool flag(const char* key, bool fallback) const {
    const json* value = find(key);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) refuse("'" + std::string(key) + "' is neither true nor false");
    return value->get<bool>();
  }
  std::string text(const char* key) const {
    const json* value = find(key);
    return value != nullptr && value->is_string() ? value->get<std::string>() : "";
  }
  // A token id, or a list of them (several ends of text).
  std::vector<std::int64_t> tokens(const char* key) const {
    const json* value = find(key);
    std::vector<std::int64_t> ids;
    if (value == nullptr) return ids;
    const json list = value->is_array() ? *value : json::array({*value});
    for (const json& id : list) {
      const bool is_id = id.is_number_integer() && id.get<double>() >= -1.0 &&
                         id.get<double>() <= std::numeric_limits<std::int32_t>::max();
      if (!is_id) refuse("'" + std::string(key) + "' is " + id.dump() + ", not a token id");
      ids.push_back(id.get<std::int64_t>());
    }
    return ids;
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(Code::invalid_argument, path_ + ": " + what);
  }
  void only(bool is_supported, const std::string& what) const {
    if (!is_supported) throw Error(Code::unsupported, path_ + ": " + what + " is not supported");
  }
 private:
  json config_;
  std::string path_;
};

void refuse_unsupported(const Reader& reader) {
  constexpr std::array kFamilies = {"llama", "internlm", "mistral"};
  const std::string family = reader.text("model_type");
  if (family.empty()) reader.refuse("'model_type' is missing");
  reader.only(std::find(kFamilies.begin(), kFamilies.end(), family) != kFamilies.end(),
              "model_type '" + family + "'");
  const std::string activation = reader.text("hidden_act");
  reader.only(activation.empty() || activation == "silu" || activation == "swish",
              "hidden_act '" + activation + "'");
  reader.only(reader.find("quantization_config") == nullptr, "a quantised checkpoint");
  reader.only(!reader.flag("mlp_bias", false), "a bias in the MLP");
  const json* partial = reader.find("partial_rotary_factor");
  reader.only(partial == nullptr || *partial == 1.0, "a rotary embedding of a part of the head");
  const json* window = reader.find("sliding_window");
  const bool is_window_wide =
      window == nullptr ||
      (window->is_number_unsigned() &&
       window->get<std::uint64_t>() >= reader.count("max_position_embeddings", 2048U));
  reader.only(is_window_wide, "attention in a sliding window");
}

// `rope_parameters` is where later versions keep both the base and the scaling. InternLM's `rotary`
// (base and "dynamic" scaling beyond the trained length) counts for its base only.
float rope_theta_of(const Reader& reader) {
  const json* theta = reader.find("rope_theta");
  for (const char* table : {"rope_parameters", "rotary", "rope_scaling"}) {
    const json* found = reader.find(table);
    if (found == nullptr) continue;
    if (!found->is_object()) reader.refuse("'" + std::string(table) + "' is not an object");
    for (const char* key : {"rope_theta", "base"}) {
      if (theta == nullptr) theta = Reader::find_in(*found, key);
    }
    if (std::string_view(table) == "rotary") continue;
    for (const char* key : {"rope_type", "type"}) {
      const json* type = Reader::find_in(*found, key);
      reader.only(type == nullptr || *type == "default",
                  std::string("rotary scaling of type ") + (type == nullptr ? "" : type->dump()));
    }
  }
  return reader.real(theta, "rope_theta", 10000.0);
}

void read_dimensions(const Reader& reader, Architecture& model) {
  model.head_num = reader.count("num_attention_heads");
  model.kv_head_num = reader.count("num_key_value_heads", model.head_num);
  model.hidden_size = reader.count("hidden_size");
  if (reader.find("head_dim") == nullptr && model.hidden_size % model.head_num != 0) {
    reader.refuse("num_attention_heads does not divide hidden_size, and there is no head_dim");
  }
  model.size_per_head = reader.count("head_dim", model.hidden_size / model.head_num);
  model.inter_size = reader.count("intermediate_size");
  model.num_layer = reader.count("num_hidden_layers");
  model.vocab_size = reader.count("vocab_size");
  if (reader.find("rms_norm_eps") == nullptr) reader.refuse("'rms_norm_eps' is missing");
  model.norm_eps = reader.real(reader.find("rms_norm_eps"), "rms_norm_eps", 0);
  model.rope_theta = rope_theta_of(reader);
  model.max_position_embeddings = reader.count("max_position_embeddings", 2048U);
  model.is_head_tied = reader.flag("tie_word_embeddings", false);
  const bool has_bias = reader.flag("attention_bias", reader.flag("bias", false));
  model.has_qkv_bias = model.has_o_bias = has_bias;
}

void read_tokens(const Reader& reader, HuggingfaceConfig& config) {
  std::vector<std::int64_t> special;
  for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id"}) {
    const std::vector<std::int64_t> ids = reader.tokens(key);
    special.insert(special.end(), ids.begin(), ids.end());
  }
  const auto first = [&](const char* key, std::int32_t fallback) {
    const std::vector<std::int64_t> ids = reader.tokens(key);
    const bool is_known =
        !ids.empty() && ids[0] < static_cast<std::int64_t>(config.architecture.vocab_size);
    return is_known ? static_cast<std::int32_t>(ids[0]) : fallback;
  };
  config.start_id = first("bos_token_id", config.start_id);
  config.architecture.end_id = first("eos_token_id", config.architecture.end_id);
  const std::vector<std::int32_t>& known = config.architecture.special_tokens;
  special.insert(special.end(), known.begin(), known.end());
  set_special_tokens(config.architecture, special);
}

}  // namespace

HuggingfaceConfig parse_huggingface_config(std::string_view text, const std::string& path) {
  const Reader reader(parse_object(text, path), path);
  refuse_unsupported(reader);
  HuggingfaceConfig config;
  read_dimensions(reader, config.architecture);
  check_architecture(config.architecture, path);
  read_tokens(reader, config);
  std::string type = reader.text("torch_dtype");
  if (type.empty()) type = reader.text("dtype");
  if (type == "float32") config.data_type = DataType::fp32;
  if (type == "float16") config.data_type = DataType::fp16;
  if (type == "bfloat16") config.data_type = DataType::bf16;
  return config;
}

HuggingfaceConfig read_huggingface_config(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "config.json";
  HuggingfaceConfig config = parse_huggingface_config(read_text_file(path), path.string());
  const std::filesystem::path folder = directory.lexically_normal();
  config.architecture.name =
      (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  const std::filesystem::path generation = directory / "generation_config.json";
  const bool is_silent = config.start_id < 0 || config.architecture.end_id < 0;
  if (is_silent && std::filesystem::exists(generation)) {
    const Reader reader(parse_object(read_text_file(generation), generation.string()),
                        generation.string());
    const HuggingfaceConfig before = config;
    read_tokens(reader, config);
    if (before.start_id >= 0) config.start_id = before.start_id;
    if (before.architecture.end_id >= 0) config.architecture.end_id = before.architecture.end_id;
  }
  return config;
}

}  // namespace turbomind
