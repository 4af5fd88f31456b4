// A small random LLaMA-family model as a Hugging Face directory (config.json and safetensors), made
// where a test needs one. The same values are given to the test as numbers, rounded to the type of
// the files, so that an independent reference can compute with exactly what an engine reads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lmbench::test {

enum class SmallType { fp32, fp16, bf16 };

struct SmallModel {
  std::string model_type = "llama";
  std::uint32_t heads = 4;
  std::uint32_t kv_heads = 2;
  std::uint32_t head_size = 8;
  std::uint32_t layers = 2;
  std::uint32_t inter_size = 48;
  std::uint32_t vocab_size = 61;
  SmallType type = SmallType::fp32;
  bool has_qkv_bias = false;
  bool has_o_bias = false;
  bool is_tied = false;
  std::uint32_t shards = 1;  // more than one: with model.safetensors.index.json
  double norm_eps = 1e-5;
  double rope_theta = 10000.0;
  std::uint32_t max_position_embeddings = 256;
  std::int32_t bos = 1;
  std::int32_t eos = 2;
  std::uint64_t seed = 1;

  std::uint32_t hidden_size() const { return heads * head_size; }
};

// A tensor under its Hugging Face name and in its layout: linear weights are [out, in], q and k in
// half-split order.
struct SmallTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::vector<float> values;  // rounded to the type of the files
};

std::vector<SmallTensor> tensors_of(const SmallModel& model);

// The text of config.json.
std::string config_json(const SmallModel& model);

// Creates folder and writes the whole model into it.
void write_small_model(const SmallModel& model, const std::filesystem::path& folder);

// One safetensors file with these tensors, for tests that bend something first.
void write_safetensors(const std::vector<SmallTensor>& tensors, SmallType type,
                       const std::filesystem::path& file);

void write_text(const std::string& text, const std::filesystem::path& file);

}  // namespace lmbench::test
