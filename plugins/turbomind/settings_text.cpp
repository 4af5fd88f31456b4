// SPDX-License-Identifier: Apache-2.0
#include "turbomind/settings_text.hpp"

#include <sstream>

namespace turbomind {
namespace {

const char* name_of(DataType type) {
  switch (type) {
    case DataType::fp32:
      return "fp32";
    case DataType::fp16:
      return "fp16";
    case DataType::bf16:
      return "bf16";
  }
  return "?";
}

}  // namespace

std::string settings_text(const EngineOptions& options, const std::string& device,
                          const OpenedModel& opened, const Capacity& capacity) {
  const Architecture& model = opened.architecture;
  std::ostringstream text;
  text << "in force: model = " << options.model << ", name = " << model.name
       << ", head_num = " << model.head_num << ", kv_head_num = " << model.kv_head_num
       << ", size_per_head = " << model.size_per_head << ", hidden_size = " << model.hidden_size
       << ", inter_size = " << model.inter_size << ", num_layer = " << model.num_layer
       << ", vocab_size = " << model.vocab_size << ", norm_eps = " << model.norm_eps
       << ", rope_theta = " << model.rope_theta << ", qkv_bias = " << model.has_qkv_bias
       << ", o_bias = " << model.has_o_bias << ", tie_word_embeddings = " << model.is_head_tied
       << ", max_position_embeddings = " << model.max_position_embeddings
       << ", end_id = " << model.end_id << ", dtype = " << name_of(opened.data_type)
       << ", device = " << device << ", tp = " << opened.ranks << ", threads = " << options.threads
       << ", isa = " << options.isa << ", weights_seed = " << options.weights_seed
       << ", session_len = " << capacity.session_len
       << ", max_batch_size = " << capacity.max_batch_size
       << ", max_context_token_num = " << capacity.max_context_token_num
       << ", cache_block_seq_len = " << capacity.block_tokens
       << ", kv_blocks = " << capacity.block_count;
  return text.str();
}

}  // namespace turbomind
