// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/huggingface_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "refusal.hpp"
#include "small_model.hpp"
#include "temporary_folder.hpp"
#include "turbomind/model/float16.hpp"
#include "weight_reader.hpp"

using namespace turbomind;
using namespace lmbench::test;
using lmbench::Code;
using turbomind::test::first_difference;
using turbomind::test::refusal_of;
using turbomind::test::request_for;
using turbomind::test::values_of_share;

namespace {

// The small model's values by Hugging Face name and place, written out from the format's rules.
class Source {
 public:
  explicit Source(const SmallModel& model) : model_(model) {
    for (SmallTensor& tensor : tensors_of(model)) {
      values_.emplace(tensor.name, std::move(tensor));
    }
  }
  float at(const std::string& name, std::uint64_t row, std::uint64_t column = 0) const {
    const SmallTensor& tensor = values_.at(name);
    const std::uint64_t columns = tensor.shape.size() == 2 ? tensor.shape[1] : 1;
    return tensor.values.at(row * columns + column);
  }
  // Element [in, column] of q or k, whose columns are in pair order.
  float pair_order(const std::string& name, std::uint64_t column, std::uint64_t in) const {
    const std::uint64_t size = model_.head_size;
    const std::uint64_t within = column % size;
    const std::uint64_t row = column / size * size + within % 2 * (size / 2) + within / 2;
    return at(name, row, in);
  }
 private:
  SmallModel model_;
  std::map<std::string, SmallTensor> values_;
};

OpenedModel open_small(const SmallModel& model, const TemporaryFolder& folder,
                       std::uint32_t ranks = 1) {
  write_small_model(model, folder.path() / "m");
  return open_model(request_for((folder.path() / "m").string(), ranks));
}

void replace_in_config(const std::filesystem::path& folder, const SmallModel& model,
                       const std::string& from, const std::string& to) {
  std::string text = config_json(model);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  write_text(text.replace(at, from.size(), to), folder / "config.json");
}

}  // namespace

TEST_CASE("a Hugging Face directory reads as [in, out], q and k in pair order, cut for each rank") {
  for (const SmallType type : {SmallType::fp32, SmallType::fp16, SmallType::bf16}) {
    SmallModel small;
    small.type = type;
    small.kv_heads = 4;
    small.has_qkv_bias = small.has_o_bias = true;
    const Source source(small);
    const TemporaryFolder folder;
    const OpenedModel model = open_small(small, folder, 2);
    const std::uint64_t half = small.hidden_size() / 2;
    const std::string layer = "model.layers.1.";
    const auto qkv = values_of_share(*model.weights, Tensor::w_qkv, 1, {1, 2});
    const auto bias = values_of_share(*model.weights, Tensor::w_qkv_bias, 1, {1, 2});
    const auto wo = values_of_share(*model.weights, Tensor::wo, 1, {1, 2});
    for (std::uint64_t in = 0; in < small.hidden_size(); ++in) {
      for (std::uint64_t c = 0; c < half; ++c) {
        const float* row = qkv.data() + in * 3 * half;
        REQUIRE(row[c] == source.pair_order(layer + "self_attn.q_proj.weight", half + c, in));
        REQUIRE(row[half + c] ==
                source.pair_order(layer + "self_attn.k_proj.weight", half + c, in));
        REQUIRE(row[2 * half + c] == source.at(layer + "self_attn.v_proj.weight", half + c, in));
        REQUIRE(wo[c * small.hidden_size() + in] ==
                source.at(layer + "self_attn.o_proj.weight", in, half + c));
      }
    }
    for (std::uint64_t c = 0; c < half; ++c) {
      CHECK(bias[c] == source.pair_order(layer + "self_attn.q_proj.bias", half + c, 0));
      CHECK(bias[half + c] == source.pair_order(layer + "self_attn.k_proj.bias", half + c, 0));
      CHECK(bias[2 * half + c] == source.at(layer + "self_attn.v_proj.bias", half + c));
    }
    const auto w2 = values_of_share(*model.weights, Tensor::w2, 1, {1, 2});
    CHECK(w2[3 * small.hidden_size() + 5] == source.at(layer + "mlp.down_proj.weight", 5, 24 + 3));
    const auto w3 = values_of_share(*model.weights, Tensor::w3, 1, {1, 2});
    CHECK(w3[7 * 24 + 2] == source.at(layer + "mlp.up_proj.weight", 24 + 2, 7));
    const auto norm = values_of_share(*model.weights, Tensor::ffn_norm, 1, {1, 2});
    CHECK(norm[9] == source.at(layer + "post_attention_layernorm.weight", 9));
    // 61 rows padded to 62: the last row of the last rank is zero.
    const auto head = values_of_share(*model.weights, Tensor::output, 0, {1, 2});
    CHECK(head[0] == source.at("lm_head.weight", 31, 0));
    CHECK(std::all_of(head.end() - small.hidden_size(), head.end(),
                      [](float x) { return x == 0.0F; }));
  }
}

TEST_CASE("the architecture comes from config.json, the type and the biases from the tensors") {
  SmallModel small;
  small.type = SmallType::bf16;
  small.model_type = "internlm";
  small.has_qkv_bias = true;
  small.eos = 60;
  const TemporaryFolder folder;
  const OpenedModel model = open_small(small, folder);
  CHECK(model.architecture.head_num == 4);
  CHECK(model.architecture.kv_head_num == 2);
  CHECK(model.architecture.hidden_size == 32);
  CHECK(model.architecture.norm_eps == 1e-5F);
  CHECK(model.architecture.has_qkv_bias);
  CHECK(!model.architecture.has_o_bias);
  CHECK(model.architecture.special_tokens == std::vector<std::int32_t>{1, 60});
  CHECK(model.architecture.end_id == 60);
  CHECK(model.architecture.name == "m");
  const std::string with_slash = (folder.path() / "m").string() + "/";
  CHECK(open_model(request_for(with_slash)).architecture.name == "m");
  CHECK(model.data_type == DataType::bf16);
  CHECK(model.warnings.empty());
}

TEST_CASE("shards that an index names are one model, whatever else lies in the folder") {
  SmallModel small;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "one");
  small.shards = 3;
  write_small_model(small, folder.path() / "three");
  write_text("stray", folder.path() / "three" / "model-00009-of-00009.safetensors");
  const OpenedModel one = open_model(request_for((folder.path() / "one").string()));
  const OpenedModel three = open_model(request_for((folder.path() / "three").string()));
  CHECK(first_difference(*one.weights, *three.weights, 1) == "");
  CHECK(three.warnings.empty());
}

TEST_CASE("a tied matrix is found under either name") {
  SmallModel small;
  small.is_tied = true;
  const TemporaryFolder folder;
  const OpenedModel under_embedding = open_small(small, folder);
  std::vector<SmallTensor> tensors = tensors_of(small);
  tensors.front().name = "lm_head.weight";
  write_text(config_json(small), folder.path() / "config.json");
  write_safetensors(tensors, small.type, folder.path() / "model.safetensors");
  const OpenedModel under_head = open_model(request_for(folder.path().string()));
  CHECK(under_head.architecture.is_head_tied);
  CHECK(first_difference(*under_embedding.weights, *under_head.weights, 1) == "");
  CHECK(values_of_share(*under_head.weights, Tensor::output, 0, {}) ==
        values_of_share(*under_head.weights, Tensor::tok_embeddings, 0, {}));
}

TEST_CASE("dtype converts while reading, rounding to nearest") {
  const SmallModel small;
  const Source source(small);
  const TemporaryFolder folder;
  write_small_model(small, folder.path());
  ModelRequest request = request_for(folder.path().string());
  request.data_type = DataType::fp16;
  const OpenedModel model = open_model(request);
  CHECK(model.data_type == DataType::fp16);
  const auto w1 = values_of_share(*model.weights, Tensor::w1, 0, {});
  const float exact = source.at("model.layers.0.mlp.gate_proj.weight", 3, 5);
  CHECK(w1[5 * small.inter_size + 3] == float_from_fp16(fp16_from_float(exact)));
}

TEST_CASE("rows read in pieces are the rows read at once") {
  const SmallModel small;
  const TemporaryFolder folder;
  const OpenedModel model = open_small(small, folder);
  const auto whole = turbomind::test::bytes_of_share(*model.weights, Tensor::w_qkv, 0, {});
  std::vector<std::byte> piece(whole.size() / 32 * 3);
  model.weights->read_rows(Tensor::w_qkv, 0, {}, 11, 3, piece);
  CHECK(std::equal(piece.begin(), piece.end(),
                   whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 32 * 11)));
}

TEST_CASE("what would make it another model is refused by name") {
  const SmallModel small;
  const TemporaryFolder folder;
  write_small_model(small, folder.path());
  const auto with = [&](const std::string& from, const std::string& to) {
    replace_in_config(folder.path(), small, from, to);
    return refusal_of([&] { open_model(request_for(folder.path().string())); });
  };
  CHECK(with("\"llama\"", "\"qwen2\"").is(Code::unsupported, "model_type 'qwen2'"));
  CHECK(with("\"silu\"", "\"gelu\"").is(Code::unsupported, "hidden_act 'gelu'"));
  CHECK(with("\"rope_scaling\": null", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}")
            .is(Code::unsupported, "rotary scaling of type \"linear\""));
  CHECK(with("\"rope_scaling\": null", "\"quantization_config\": {}")
            .is(Code::unsupported, "quantised"));
  CHECK(with("\"rope_scaling\": null", "\"sliding_window\": 16")
            .is(Code::unsupported, "sliding window"));
  CHECK(with("\"rope_scaling\": null", "\"mlp_bias\": true").is(Code::unsupported, "MLP"));
  CHECK(
      with("\"rms_norm_eps\"", "\"eps\"").is(Code::invalid_argument, "'rms_norm_eps' is missing"));
  CHECK(with("\"hidden_size\": 32", "\"hidden_size\": -32")
            .is(Code::invalid_argument, "'hidden_size' is -32"));
  CHECK(with("\"hidden_size\": 32", "\"hidden_size\": 99999999999")
            .is(Code::invalid_argument, "'hidden_size' is 99999999999"));
  CHECK(with("{", "[").is(Code::invalid_argument, "not valid JSON"));
}

TEST_CASE("scaling that changes nothing within the trained length is accepted") {
  const SmallModel small;
  const TemporaryFolder folder;
  write_small_model(small, folder.path());
  replace_in_config(folder.path(), small, "\"rope_theta\": 10000,\n  \"rope_scaling\": null",
                    "\"rotary\": {\"base\": 5000, \"type\": \"dynamic\"}");
  CHECK(open_model(request_for(folder.path().string())).architecture.rope_theta == 5000.0F);
  replace_in_config(folder.path(), small, "\"rope_theta\": 10000,\n  \"rope_scaling\": null",
                    "\"rope_parameters\": {\"rope_theta\": 7000.0, \"rope_type\": \"default\"}");
  CHECK(open_model(request_for(folder.path().string())).architecture.rope_theta == 7000.0F);
}

TEST_CASE(
    "several ends of text are special tokens, the first of them ends; generation_config helps") {
  const SmallModel small;
  const TemporaryFolder folder;
  write_small_model(small, folder.path());
  const auto open = [&] { return open_model(request_for(folder.path().string())); };
  replace_in_config(folder.path(), small, "\"eos_token_id\": 2", "\"eos_token_id\": [7, 5, 99]");
  CHECK(open().architecture.end_id == 7);
  CHECK(open().architecture.special_tokens == std::vector<std::int32_t>{1, 5, 7});
  replace_in_config(folder.path(), small, "\"eos_token_id\": 2", "\"eos_token_id\": null");
  CHECK(open().architecture.end_id == -1);
  write_text("{\"bos_token_id\": 3, \"eos_token_id\": 9}",
             folder.path() / "generation_config.json");
  CHECK(open().architecture.end_id == 9);
  replace_in_config(folder.path(), small, "\"eos_token_id\": 2", "\"eos_token_id\": 1e300");
  CHECK(refusal_of([&] { open(); }).is(Code::invalid_argument, "not a token id"));
}

TEST_CASE("a head that is neither there nor tied is missing") {
  SmallModel small;
  const TemporaryFolder folder;
  write_text(config_json(small), folder.path() / "config.json");
  std::vector<SmallTensor> tensors = tensors_of(small);
  tensors.pop_back();
  write_safetensors(tensors, small.type, folder.path() / "model.safetensors");
  CHECK(refusal_of([&] {
          open_model(request_for(folder.path().string()));
        }).is(Code::invalid_argument, "there is no tensor 'lm_head.weight'"));
}

TEST_CASE("missing tensors and wrong shapes are listed together") {
  const SmallModel small;
  const TemporaryFolder folder;
  write_text(config_json(small), folder.path() / "config.json");
  std::vector<SmallTensor> tensors = tensors_of(small);
  std::erase_if(tensors, [](const SmallTensor& t) { return t.name == "model.norm.weight"; });
  for (SmallTensor& tensor : tensors) {
    if (tensor.name == "model.layers.0.mlp.up_proj.weight")
      std::swap(tensor.shape[0], tensor.shape[1]);
  }
  write_safetensors(tensors, small.type, folder.path() / "model.safetensors");
  const auto refusal = refusal_of([&] { open_model(request_for(folder.path().string())); });
  CHECK(refusal.is(Code::invalid_argument, "2 problems: "));
  CHECK(refusal.is(Code::invalid_argument, "there is no tensor 'model.norm.weight'"));
  CHECK(refusal.is(Code::invalid_argument,
                   "'model.layers.0.mlp.up_proj.weight' has shape [32, 48], but config.json asks "
                   "for [48, 32]"));
}

TEST_CASE("biases of some layers only are refused; a tensor that nobody knows is a warning") {
  SmallModel small;
  small.has_qkv_bias = true;
  const TemporaryFolder folder;
  write_text(config_json(small), folder.path() / "config.json");
  std::vector<SmallTensor> tensors = tensors_of(small);
  std::erase_if(tensors, [](const SmallTensor& t) {
    return t.name == "model.layers.1.self_attn.k_proj.bias";
  });
  write_safetensors(tensors, small.type, folder.path() / "model.safetensors");
  CHECK(refusal_of([&] {
          open_model(request_for(folder.path().string()));
        }).is(Code::invalid_argument, "but no 'model.layers.1.self_attn.k_proj.bias'"));
  tensors = tensors_of(small);
  tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", {2}, {1.0F, 0.5F}});
  tensors.push_back({"vision.weight", {1}, {1.0F}});
  write_safetensors(tensors, small.type, folder.path() / "model.safetensors");
  const OpenedModel model = open_model(request_for(folder.path().string()));
  REQUIRE(model.warnings.size() == 1);
  CHECK(model.warnings[0].find("1 tensor(s) are not part of this model") != std::string::npos);
  CHECK(model.warnings[0].find("vision.weight") != std::string::npos);
}

TEST_CASE("a folder without usable weights says what was looked for") {
  const SmallModel small;
  const TemporaryFolder folder;
  const auto open = [&] {
    return refusal_of([&] { open_model(request_for(folder.path().string())); });
  };
  CHECK(open().is(Code::not_found, "neither config.ini"));
  write_text(config_json(small), folder.path() / "config.json");
  CHECK(open().is(Code::not_found, "neither model.safetensors nor"));
  write_text("", folder.path() / "pytorch_model.bin");
  CHECK(open().is(Code::unsupported, "save the model as safetensors"));
  ModelRequest request = request_for(folder.path().string());
  request.weights = WeightOrigin::dummy;
  CHECK(open_model(request).architecture.head_num == 4);
}

TEST_CASE("an index that points nowhere, or out of the folder, is refused") {
  SmallModel small;
  small.shards = 2;
  const TemporaryFolder folder;
  write_small_model(small, folder.path());
  const auto with = [&](const std::string& map) {
    write_text("{\"weight_map\": {" + map + "}}", folder.path() / "model.safetensors.index.json");
    return refusal_of([&] { open_model(request_for(folder.path().string())); });
  };
  CHECK(with("\"a\": \"../m.safetensors\"").is(Code::invalid_argument, "which is no file name"));
  CHECK(with("\"a\": \"gone.safetensors\"").is(Code::not_found, "gone.safetensors"));
  CHECK(with("\"a\": \"model-00001-of-00002.safetensors\"")
            .is(Code::invalid_argument, "tensor 'a' is not in"));
  CHECK(with("\"a\": 3").is(Code::invalid_argument, "is not a text"));
}
