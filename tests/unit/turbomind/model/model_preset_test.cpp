// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/model_preset.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "refusal.hpp"
#include "turbomind/model/open_model.hpp"
#include "weight_reader.hpp"

using namespace turbomind;
using lmbench::Code;
using turbomind::test::refusal_of;
using turbomind::test::request_for;

namespace {

const std::string kModels = LMBENCH_SOURCE_DIR "/configs/models/";

const std::string kPreset =
    "head_num = 4\nkv_head_num = 2\nsize_per_head = 8\nvocab_size = 50\nnum_layer = 1\n"
    "inter_size = 48\nnorm_eps = 1e-5\nweight_type = \"fp32\"\n";

}  // namespace

TEST_CASE("every shipped preset is a model, and InternLM-7B has its published parameters") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
    CAPTURE(entry.path().string());
    const OpenedModel model = open_model(request_for(entry.path().string()));
    CHECK(model.warnings.empty());
    CHECK(!model.architecture.name.empty());
    CHECK(model.architecture.end_id >= 0);
    CHECK(!model.has_config_ini);
    ++count;
  }
  CHECK(count >= 10);
  const OpenedModel internlm = open_model(request_for(kModels + "internlm-7b.toml", 4));
  CHECK(internlm.architecture.head_num == 32);
  CHECK(internlm.architecture.has_qkv_bias);
  CHECK(internlm.architecture.has_o_bias);
  CHECK(internlm.data_type == DataType::fp16);
  CHECK(internlm.defaults.session_len == 2056);
  CHECK(internlm.ranks == 4);
}

TEST_CASE("fp32 in a preset is fp32, and the head may be tied") {
  const ModelConfig config = parse_model_preset(kPreset + "tie_word_embeddings = true\n", "p.toml");
  CHECK(config.weight_type == DataType::fp32);
  CHECK(config.architecture.is_head_tied);
  CHECK(config.architecture.hidden_size == 32);
}

TEST_CASE("a preset with an unknown key, a wrong type or bad TOML is refused with its place") {
  const auto parse = [](const std::string& text) {
    return refusal_of([&] { parse_model_preset(text, "p.toml"); });
  };
  CHECK(parse(kPreset + "layers = 3\n")
            .is(Code::invalid_argument, "p.toml:9:10: unknown key 'layers'"));
  CHECK(parse(kPreset + "session_len = \"long\"\n")
            .is(Code::invalid_argument, "'session_len' must be an integer"));
  CHECK(parse(kPreset + "model_name = 3\n").is(Code::invalid_argument, "must be a text"));
  CHECK(parse(kPreset + "rope_theta = [1]\n").is(Code::invalid_argument, "must be a number"));
  CHECK(parse(kPreset + "tie_word_embeddings = 1\n").is(Code::invalid_argument, "true or false"));
  CHECK(parse(std::string("[\0\0", 3)).is(Code::invalid_argument, "p.toml:1:"));
  CHECK(parse(kPreset + "head_num = \n").is(Code::invalid_argument, "p.toml:9:"));
  CHECK(parse(kPreset + "session_len = -3\n").is(Code::invalid_argument, "out of range"));
  CHECK(parse(kPreset + "session_len = 9223372036854775807\n")
            .is(Code::invalid_argument, "out of range"));
  CHECK(parse("head_num = 4\n").is(Code::invalid_argument, "p.toml: the required key"));
  CHECK(parse(kPreset + "tensor_para_size = 2\n").is(Code::invalid_argument, "tensor_para_size"));
}

TEST_CASE("a preset has no checkpoint, and tp must divide it") {
  ModelRequest request = request_for(kModels + "quickstart.toml");
  request.weights = WeightOrigin::checkpoint;
  CHECK(refusal_of([&] {
          open_model(request);
        }).is(Code::invalid_argument, "is a shape preset and has no weights"));
  CHECK(refusal_of([&] {
          open_model(request_for(kModels + "quickstart.toml", 3));
        }).is(Code::invalid_argument, "tp = 3 does not divide kv_head_num = 4"));
  CHECK(refusal_of([&] {
          open_model(request_for(kModels + "none.toml"));
        }).is(Code::not_found, "there is no model at"));
}
