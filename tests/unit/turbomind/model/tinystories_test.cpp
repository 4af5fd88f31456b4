// Real checkpoints where they lie beside the source tree: published values, element by element.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <initializer_list>
#include <string>

#include "temporary_folder.hpp"
#include "turbomind/model/converter.hpp"
#include "turbomind/model/huggingface_checkpoint.hpp"
#include "weight_reader.hpp"

using namespace turbomind;
using turbomind::test::first_difference;
using turbomind::test::request_for;
using turbomind::test::values_of_share;

namespace {

namespace fs = std::filesystem;

const fs::path kModels = LMBENCH_SOURCE_DIR "/../shared/models";

bool is_here(const char* name) {
  if (fs::exists(kModels / name)) return true;
  MESSAGE("skipped: there is no " << (kModels / name).string());
  return false;
}

float flat_value(const HuggingfaceCheckpoint& checkpoint, const std::string& name,
                 std::uint64_t at) {
  float value = 0;
  checkpoint.read(name, at, DataType::fp32, std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

}  // namespace

TEST_CASE("TinyStories-656K has the values that others published") {
  if (!is_here("tinystories-656k-f32")) return;
  const HuggingfaceCheckpoint checkpoint(kModels / "tinystories-656k-f32");
  CHECK(flat_value(checkpoint, "lm_head.weight", 50) == 0.14453125F);
  CHECK(flat_value(checkpoint, "model.layers.0.input_layernorm.weight", 10) == 0.18652344F);
  CHECK(flat_value(checkpoint, "model.layers.1.post_attention_layernorm.weight", 10) ==
        0.32421875F);
  CHECK(flat_value(checkpoint, "model.norm.weight", 100) == 0.73046875F);
  CHECK(flat_value(checkpoint, "model.layers.0.mlp.down_proj.weight", 100) == -0.0625F);
  CHECK(flat_value(checkpoint, "model.layers.0.mlp.up_proj.weight", 100) == 1.46875F);
  CHECK(flat_value(checkpoint, "model.layers.1.self_attn.q_proj.weight", 100) == 0.032226563F);
  CHECK(flat_value(checkpoint, "model.layers.0.self_attn.v_proj.weight", 100) == 0.041015625F);
}

TEST_CASE("those values stand where the TurboMind form has them") {
  if (!is_here("tinystories-656k-f32")) return;
  const OpenedModel model = open_model(request_for((kModels / "tinystories-656k-f32").string()));
  const auto at = [&](Tensor tensor, std::uint32_t layer, std::size_t place) {
    return values_of_share(*model.weights, tensor, layer, {})[place];
  };
  // down_proj [128, 384], element 100 is row 0, column 100; transposed it begins row 100.
  CHECK(at(Tensor::w2, 0, 100 * 128) == -0.0625F);
  CHECK(at(Tensor::w3, 0, 100 * 384) == 1.46875F);
  CHECK(at(Tensor::w_qkv, 1, 100 * 256) == 0.032226563F);        // q, head 0, element 0
  CHECK(at(Tensor::w_qkv, 0, 100 * 256 + 192) == 0.041015625F);  // after 128 q and 64 k columns
  CHECK(at(Tensor::output, 0, 50) == 0.14453125F);
  CHECK(at(Tensor::tok_embeddings, 0, 50) == 0.14453125F);
  CHECK(model.architecture.is_head_tied);
  CHECK(model.architecture.end_id == 2);
}

TEST_CASE("the bf16 file is the fp32 file, and both convert for every tp") {
  if (!is_here("tinystories-656k-f32") || !is_here("tinystories-656k-bf16")) return;
  ModelRequest request = request_for((kModels / "tinystories-656k-bf16").string());
  request.data_type = DataType::fp32;
  const OpenedModel brain = open_model(request);
  const OpenedModel wide = open_model(request_for((kModels / "tinystories-656k-f32").string()));
  CHECK(first_difference(*brain.weights, *wide.weights, 1) == "");
  for (const char* name : {"tinystories-656k-f32", "tinystories-656k-bf16"}) {
    for (const std::uint32_t ranks : {1U, 2U, 4U}) {
      const lmbench::test::TemporaryFolder folder;
      ConversionRequest conversion;
      conversion.source = kModels / name;
      conversion.target = folder.path() / "tm";
      conversion.model_name = "llama";
      conversion.ranks = ranks;
      convert_model(conversion, [](double) {});
      const OpenedModel converted = open_model(request_for(conversion.target.string()));
      ModelRequest direct = request_for(conversion.source.string(), ranks);
      direct.data_type = converted.data_type;
      CHECK(first_difference(*open_model(direct).weights, *converted.weights, ranks) == "");
    }
  }
}
