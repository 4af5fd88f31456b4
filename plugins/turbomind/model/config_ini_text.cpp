// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/config_ini_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <sstream>
#include <string_view>

#include "turbomind/model/element_conversion.hpp"

namespace turbomind {
namespace {

struct Template {
  std::string_view name;  // ends with '*': all names that begin so
  std::uint32_t length;
};

// The chat templates registered in lmdeploy v0.1.0.
constexpr std::array kTemplates = {
    Template{"llama", 2048},
    Template{"internlm", 2048},
    Template{"internlm-chat", 2048},
    Template{"internlm-chat-7b", 2048},
    Template{"vicuna", 2048},
    Template{"baichuan*", 2048},
    Template{"yi", 2048},
    Template{"solar", 2048},
    Template{"puyu", 2048},
    Template{"llama2", 4096},
    Template{"codellama", 4096},
    Template{"internlm-20b", 4096},
    Template{"internlm-chat-7b-8k", 8192},
    Template{"internlm-chat-20b", 8192},
    Template{"qwen-*", 8192},
};
constexpr std::uint32_t kAnswerRoom = 8;

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.back() != '*') return pattern == name;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

}  // namespace

std::uint32_t session_len_of(const std::string& model_name, std::uint32_t trained_length) {
  for (const Template& known : kTemplates) {
    if (matches(known.name, model_name)) return known.length + kAnswerRoom;
  }
  return trained_length;
}

std::string python_float(float value) {
  std::array<char, 64> text{};
  const float size = std::fabs(value);
  // Python writes digits in full from 1e-4 up to 1e16.
  const bool is_plain = size == 0 || (size >= 1e-4F && size < 1e16F);
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
  std::string result(text.data(), end);
  if (is_plain && result.find('.') == std::string::npos) result += ".0";
  return result;
}

std::string config_ini_text(const Architecture& model, const ConfigIniFields& fields) {
  std::ostringstream text;
  text << "[llama]\n"
       << "model_name = " << fields.model_name << "\n"
       << "tensor_para_size = " << fields.tensor_para_size << "\n"
       << "head_num = " << model.head_num << "\n"
       << "kv_head_num = " << model.kv_head_num << "\n"
       << "vocab_size = " << model.vocab_size << "\n"
       << "num_layer = " << model.num_layer << "\n"
       << "inter_size = " << model.inter_size << "\n"
       << "norm_eps = " << python_float(model.norm_eps) << "\n"
       << "attn_bias = " << (model.has_qkv_bias ? 1 : 0) << "\n";
  if (fields.start_id >= 0) text << "start_id = " << fields.start_id << "\n";
  if (model.end_id >= 0) text << "end_id = " << model.end_id << "\n";
  text << "session_len = " << session_len_of(fields.model_name, model.max_position_embeddings)
       << "\nweight_type = " << name_of(fields.weight_type) << "\n"
       << "rotary_embedding = " << model.size_per_head << "\n"
       << "rope_theta = " << python_float(model.rope_theta) << "\n"
       << "size_per_head = " << model.size_per_head << "\n"
       << "group_size = 0\n"
       << "max_batch_size = 64\n"
       << "max_context_token_num = 1\n"
       << "step_length = 1\n"
       << "cache_max_entry_count = 0.5\n"
       << "cache_block_seq_len = 128\n"
       << "cache_chunk_size = 1\n"
       << "use_context_fmha = 1\n"
       << "quant_policy = 0\n"
       << "max_position_embeddings = " << model.max_position_embeddings << "\n"
       << "rope_scaling_factor = 0.0\n"
       << "use_logn_attn = 0\n\n";
  return text.str();
}

}  // namespace turbomind
