// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/model_config.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <lmbench/plugin.hpp>
#include <locale>
#include <sstream>
#include <string_view>

#include "turbomind/model/architecture_check.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

struct KnownKey {
  std::string_view name;
  KeyKind kind;
};

constexpr std::array kKnownKeys = {
    KnownKey{"model_name", KeyKind::text},
    KnownKey{"weight_type", KeyKind::text},
    KnownKey{"rope_scaling_type", KeyKind::text},
    KnownKey{"lora_policy", KeyKind::text},
    KnownKey{"norm_eps", KeyKind::real},
    KnownKey{"rope_theta", KeyKind::real},
    KnownKey{"rope_scaling_factor", KeyKind::real},
    KnownKey{"cache_max_entry_count", KeyKind::real},
    KnownKey{"tensor_para_size", KeyKind::integer},
    KnownKey{"head_num", KeyKind::integer},
    KnownKey{"kv_head_num", KeyKind::integer},
    KnownKey{"size_per_head", KeyKind::integer},
    KnownKey{"vocab_size", KeyKind::integer},
    KnownKey{"num_layer", KeyKind::integer},
    KnownKey{"inter_size", KeyKind::integer},
    KnownKey{"attn_bias", KeyKind::integer},
    KnownKey{"start_id", KeyKind::integer},
    KnownKey{"end_id", KeyKind::integer},
    KnownKey{"session_len", KeyKind::integer},
    KnownKey{"rotary_embedding", KeyKind::integer},
    KnownKey{"group_size", KeyKind::integer},
    KnownKey{"max_batch_size", KeyKind::integer},
    KnownKey{"max_context_token_num", KeyKind::integer},
    KnownKey{"step_length", KeyKind::integer},
    KnownKey{"cache_block_seq_len", KeyKind::integer},
    KnownKey{"cache_chunk_size", KeyKind::integer},
    KnownKey{"use_context_fmha", KeyKind::integer},
    KnownKey{"quant_policy", KeyKind::integer},
    KnownKey{"max_position_embeddings", KeyKind::integer},
    KnownKey{"use_logn_attn", KeyKind::integer},
    KnownKey{"num_tokens_per_iter", KeyKind::ignored},
    KnownKey{"extra_tokens_per_iter", KeyKind::ignored},
    KnownKey{"max_prefill_iters", KeyKind::ignored},
    KnownKey{"max_prefill_token_num", KeyKind::ignored},
    KnownKey{"use_dynamic_ntk", KeyKind::ignored},
    KnownKey{"original_max_position_embeddings", KeyKind::ignored},
    KnownKey{"enable_prefix_caching", KeyKind::ignored},
    KnownKey{"lora_r", KeyKind::ignored},
    KnownKey{"lora_scale", KeyKind::ignored},
    KnownKey{"lora_max_wo_r", KeyKind::ignored},
    KnownKey{"lora_rank_pattern", KeyKind::ignored},
    KnownKey{"lora_scale_pattern", KeyKind::ignored},
};

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw Error(Code::invalid_argument, place + ": " + what);
}

std::int64_t parse_integer(const std::string& key, const ConfigValue& value) {
  std::int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, number);
  if (error != std::errc{} || stop != end) {
    refuse(value.place, key + " = '" + value.text + "' is not an integer");
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (number < -1 || number > kMost) {
    refuse(value.place, key + " = " + value.text + " is out of range");
  }
  return number;
}

double parse_real(const std::string& key, const ConfigValue& value) {
  std::istringstream stream(value.text);
  stream.imbue(std::locale::classic());
  double number = 0;
  stream >> number;
  if (stream.fail() || stream.peek() != std::istringstream::traits_type::eof() ||
      !std::isfinite(number)) {
    refuse(value.place, key + " = '" + value.text + "' is not a number");
  }
  if (number < 0) refuse(value.place, key + " = " + value.text + " is negative");
  return number;
}

class Reader {
 public:
  Reader(const ConfigValues& values, const std::string& place) : values_(values), place_(place) {}

  const ConfigValue* find(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }
  const ConfigValue& required(const std::string& key) const {
    const ConfigValue* value = find(key);
    if (value == nullptr) refuse(place_, "the required key '" + key + "' is missing");
    return *value;
  }
  std::string place_of(const std::string& key) const {
    const ConfigValue* value = find(key);
    return value == nullptr ? place_ : value->place;
  }

  std::uint32_t positive(const std::string& key) const {
    const ConfigValue& value = required(key);
    const std::int64_t number = parse_integer(key, value);
    if (number < 1) refuse(value.place, key + " = " + value.text + " must be at least 1");
    return static_cast<std::uint32_t>(number);
  }
  // Missing, 0 and -1 alike are "not given".
  std::uint32_t count(const std::string& key, std::uint32_t fallback = 0) const {
    const ConfigValue* value = find(key);
    const std::int64_t number = value == nullptr ? 0 : parse_integer(key, *value);
    return number <= 0 ? fallback : static_cast<std::uint32_t>(number);
  }
  std::int32_t token(const std::string& key) const {
    const ConfigValue* value = find(key);
    return value == nullptr ? -1 : static_cast<std::int32_t>(parse_integer(key, *value));
  }
  bool flag(const std::string& key) const {
    const ConfigValue* value = find(key);
    if (value == nullptr || value->text == "0") return false;
    if (value->text != "1") refuse(value->place, key + " = '" + value->text + "' is not 0 or 1");
    return true;
  }
  double real(const std::string& key, double fallback) const {
    const ConfigValue* value = find(key);
    const double number = value == nullptr ? 0 : parse_real(key, *value);
    return number == 0 ? fallback : number;
  }
  std::string text(const std::string& key) const {
    const ConfigValue* value = find(key);
    return value == nullptr ? "" : value->text;
  }
  void only(const std::string& key, bool is_supported, const std::string& why) const {
    if (is_supported) return;
    throw Error(Code::unsupported,
                place_of(key) + ": " + key + " = " + text(key) + " is not supported: " + why);
  }
 private:
  const ConfigValues& values_;
  const std::string& place_;
};

DataType weight_type_of(const Reader& reader) {
  const ConfigValue& value = reader.required("weight_type");
  if (value.text == "fp16") return DataType::fp16;
  if (value.text == "bf16") return DataType::bf16;
  if (value.text == "fp32") return DataType::fp32;
  const bool is_quantised = value.text == "int4" || value.text == "int8";
  throw Error(is_quantised ? Code::unsupported : Code::invalid_argument,
              value.place + ": weight_type = '" + value.text + "' " +
                  (is_quantised ? "(quantised weights) is not supported; use fp16 or bf16"
                                : "is not one of fp32, fp16, bf16"));
}

void refuse_unsupported(const Reader& reader, const Architecture& model) {
  reader.only("quant_policy", reader.count("quant_policy") == 0, "the KV cache is not quantised");
  reader.only("use_logn_attn", !reader.flag("use_logn_attn"), "logN attention scaling");
  reader.only("rope_scaling_factor", reader.real("rope_scaling_factor", 0) < 1,
              "rotary scaling (dynamic NTK)");
  const std::string scaling = reader.text("rope_scaling_type");
  reader.only("rope_scaling_type", scaling.empty() || scaling == "default", "rotary scaling");
  reader.only("lora_policy", reader.text("lora_policy").empty(), "LoRA adapters");
  reader.only("step_length", reader.count("step_length", 1) == 1, "only 1 works");
  const std::uint32_t rotated = reader.count("rotary_embedding", model.size_per_head);
  reader.only("rotary_embedding", rotated == model.size_per_head,
              "it must be size_per_head = " + std::to_string(model.size_per_head));
}

void read_dimensions(const Reader& reader, Architecture& model) {
  model.name = reader.text("model_name");
  model.head_num = reader.positive("head_num");
  model.kv_head_num = reader.count("kv_head_num", model.head_num);
  model.size_per_head = reader.positive("size_per_head");
  model.inter_size = reader.positive("inter_size");
  model.num_layer = reader.positive("num_layer");
  model.vocab_size = reader.positive("vocab_size");
  const std::uint64_t hidden = std::uint64_t{model.head_num} * model.size_per_head;
  model.hidden_size = hidden <= std::numeric_limits<std::uint32_t>::max()
                          ? static_cast<std::uint32_t>(hidden)
                          : 0;  // refused below
  reader.required("norm_eps");
  model.norm_eps = static_cast<float>(reader.real("norm_eps", 0));
  model.rope_theta = static_cast<float>(reader.real("rope_theta", 10000.0));
  model.has_qkv_bias = model.has_o_bias = reader.flag("attn_bias");
  model.max_position_embeddings = reader.count("max_position_embeddings", 2048);
  model.end_id = reader.token("end_id");
}

}  // namespace

KeyKind kind_of(const std::string& key) {
  for (const KnownKey& known : kKnownKeys) {
    if (known.name == key) return known.kind;
  }
  return KeyKind::unknown;
}

ModelConfig interpret(const ConfigValues& values, const std::string& place) {
  const Reader reader(values, place);
  ModelConfig config;
  config.weight_type = weight_type_of(reader);
  read_dimensions(reader, config.architecture);
  check_architecture(config.architecture, place);
  refuse_unsupported(reader, config.architecture);
  set_special_tokens(config.architecture, {reader.token("start_id"), reader.token("end_id")});
  if (config.architecture.end_id >= static_cast<std::int64_t>(config.architecture.vocab_size)) {
    refuse(reader.place_of("end_id"),
           "end_id = " + reader.text("end_id") +
               " is not below vocab_size = " + std::to_string(config.architecture.vocab_size));
  }
  config.tensor_para_size = reader.positive("tensor_para_size");
  EngineDefaults& defaults = config.defaults;
  defaults.session_len = reader.count("session_len");
  defaults.max_batch_size = reader.count("max_batch_size");
  defaults.max_context_token_num = reader.count("max_context_token_num");
  defaults.cache_block_seq_len = reader.count("cache_block_seq_len");
  defaults.cache_max_entry_count = reader.real("cache_max_entry_count", 0);
  std::string unknown;
  for (const auto& [key, value] : values) {
    if (kind_of(key) == KeyKind::unknown) unknown += (unknown.empty() ? "" : ", ") + key;
  }
  if (!unknown.empty()) config.warnings.push_back(place + ": unknown keys ignored: " + unknown);
  return config;
}

}  // namespace turbomind
