// Shape and constants of a LLaMA/InternLM-family model, as every part of the engine sees them,
// whatever directory or preset they came from. Symbols as in the TurboMind format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace turbomind {

enum class DataType { fp32, fp16, bf16 };

constexpr std::uint32_t bytes_of(DataType type) { return type == DataType::fp32 ? 4 : 2; }

struct Architecture {
  std::string name;                 // "internlm-7b", for people
  std::uint32_t head_num = 0;       // H: query heads
  std::uint32_t kv_head_num = 0;    // K: key/value heads; H % K == 0
  std::uint32_t size_per_head = 0;  // D, even
  std::uint32_t hidden_size = 0;    // h; H * D in the TurboMind format
  std::uint32_t inter_size = 0;     // I: FFN width
  std::uint32_t num_layer = 0;      // L
  std::uint32_t vocab_size = 0;     // V, unpadded
  float norm_eps = 0.0F;            // RMSNorm
  float rope_theta = 10000.0F;
  bool has_qkv_bias = false;
  bool has_o_bias = false;
  bool is_head_tied = false;  // the head is the embedding
  std::uint32_t max_position_embeddings = 2048;
  std::vector<std::int32_t> special_tokens;  // BOS, EOS, pad, unknown: not for prompts
  std::int32_t end_id = -1;                  // EOS; -1: none
};

// Rank r of T of a tensor-parallel split. T divides H, K and I (model/ checks it).
struct RankSlice {
  std::uint32_t rank = 0;
  std::uint32_t ranks = 1;
};

// V rounded up to a multiple of T.
constexpr std::uint32_t padded_vocab(std::uint32_t vocab_size, std::uint32_t ranks) {
  return (vocab_size + ranks - 1) / ranks * ranks;
}

}  // namespace turbomind
