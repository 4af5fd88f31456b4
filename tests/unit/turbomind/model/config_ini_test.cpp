// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/config_ini.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <utility>

#include "refusal.hpp"
#include "turbomind/model/config_ini_text.hpp"

using namespace turbomind;
using lmbench::Code;
using turbomind::test::refusal_of;

namespace {

const std::string kMinimal =
    "[llama]\n"
    "model_name = internlm\nhead_num = 8\nsize_per_head = 16\nvocab_size = 100\nnum_layer = 2\n"
    "inter_size = 96\nnorm_eps = 1e-06\nweight_type = fp16\ntensor_para_size = 1\n";

ModelConfig read(const std::string& text) {
  return interpret(parse_config_ini(text, "c.ini"), "c.ini");
}

// The minimal text with one line replaced; an empty replacement takes the line away.
std::string with(const std::string& key, const std::string& line) {
  std::string text = kMinimal;
  const std::size_t begin = text.find("\n" + key + " =") + 1;
  text.replace(begin, text.find('\n', begin) - begin + (line.empty() ? 1 : 0), line);
  return text;
}

}  // namespace

TEST_CASE("a minimal config.ini is enough, and the rest has the fallbacks of the original") {
  const ModelConfig config = read(kMinimal);
  CHECK(config.architecture.name == "internlm");
  CHECK(config.architecture.kv_head_num == 8);
  CHECK(config.architecture.hidden_size == 128);
  CHECK(config.architecture.rope_theta == 10000.0F);
  CHECK(config.architecture.max_position_embeddings == 2048);
  CHECK(config.architecture.end_id == -1);
  CHECK(!config.architecture.has_qkv_bias);
  CHECK(config.defaults.session_len == 0);
  CHECK(config.warnings.empty());
}

TEST_CASE("comments, blanks around '=' and a trailing CR are ignored") {
  const ModelConfig config = read(
      "# made by hand\r\n[llama]\r\n  head_num=4 ; heads\r\nkv_head_num = 2\r\n"
      "size_per_head =\t16\r\nvocab_size = 100\r\n;num_layer = 9\r\nnum_layer = 1\r\n"
      "inter_size = 96\r\nnorm_eps = 1e-5 # eps\r\nweight_type = bf16\r\ntensor_para_size = 2\r\n"
      "start_id = 1\r\nend_id = 2\r\nsession_len = 2056\r\ncache_max_entry_count = 0.5\r\n");
  CHECK(config.architecture.num_layer == 1);
  CHECK(config.weight_type == DataType::bf16);
  CHECK(config.tensor_para_size == 2);
  CHECK(config.architecture.special_tokens == std::vector<std::int32_t>{1, 2});
  CHECK(config.architecture.end_id == 2);
  CHECK(config.defaults.session_len == 2056);
  CHECK(config.defaults.cache_max_entry_count == 0.5);
}

TEST_CASE("unknown keys are one warning, keys of later versions none") {
  const ModelConfig config =
      read(kMinimal + "use_dynamic_ntk = 0\nnum_tokens_per_iter = 0\nheads = 8\nfoo = bar\n");
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0] == "c.ini: unknown keys ignored: foo, heads");
}

TEST_CASE("a required key that is missing, unreadable or not positive is refused by name") {
  for (const char* key : {"head_num", "size_per_head", "vocab_size", "num_layer", "inter_size",
                          "norm_eps", "weight_type", "tensor_para_size"}) {
    CAPTURE(key);
    CHECK(refusal_of([&] {
            read(with(key, ""));
          }).is(Code::invalid_argument, "c.ini: the required key '" + std::string(key) + "'"));
    const auto bad = refusal_of([&] { read(with(key, std::string(key) + " = 4x")); });
    CHECK(bad.is(Code::invalid_argument, key));
    CHECK(bad.is(Code::invalid_argument, "c.ini:"));
  }
  CHECK(refusal_of([] {
          read(with("head_num", "head_num = 0"));
        }).is(Code::invalid_argument, "c.ini:3: head_num = 0 must be at least 1"));
  CHECK(refusal_of([] {
          read(with("head_num", "head_num = -4"));
        }).is(Code::invalid_argument, "out of range"));
  CHECK(refusal_of([] {
          read(with("vocab_size", "vocab_size = 99999999999999999999"));
        }).is(Code::invalid_argument, "is not an integer"));
  CHECK(refusal_of([] {
          read(with("vocab_size", "vocab_size = 2147483647"));
        }).is(Code::invalid_argument, "vocab_size is 2147483647"));
  CHECK(refusal_of([] {
          read(with("norm_eps", "norm_eps = nan"));
        }).is(Code::invalid_argument, "norm_eps"));
}

TEST_CASE("numbers that cannot be together are refused") {
  CHECK(refusal_of([] {
          read(kMinimal + "kv_head_num = 3\n");
        }).is(Code::invalid_argument, "kv_head_num = 3 does not divide head_num = 8"));
  CHECK(refusal_of([] {
          read(with("size_per_head", "size_per_head = 15"));
        }).is(Code::invalid_argument, "odd"));
  CHECK(refusal_of([] {
          read(kMinimal + "end_id = 100\n");
        }).is(Code::invalid_argument, "end_id = 100 is not below vocab_size = 100"));
  CHECK(refusal_of([] {
          read(with("head_num", "head_num = 2000000"));
        }).is(Code::invalid_argument, "head_num x size_per_head"));
}

TEST_CASE("what is understood but not built is refused as unsupported, with its line") {
  const std::initializer_list<std::pair<const char*, const char*>> cases = {
      {"quant_policy = 4", "c.ini:11: quant_policy = 4"},
      {"use_logn_attn = 1", "logN"},
      {"rope_scaling_factor = 2.0", "rotary scaling"},
      {"rotary_embedding = 8", "it must be size_per_head = 16"},
      {"step_length = 2", "only 1 works"},
      {"lora_policy = plora", "LoRA"}};
  for (const auto& each : cases) {
    const std::string text = kMinimal + each.first + "\n";
    CAPTURE(text);
    CHECK(refusal_of([&] { read(text); }).is(Code::unsupported, each.second));
  }
  CHECK(refusal_of([] {
          read(with("weight_type", "weight_type = int4"));
        }).is(Code::unsupported, "'int4' (quantised weights)"));
  CHECK(refusal_of([] {
          read(with("weight_type", "weight_type = fp8"));
        }).is(Code::invalid_argument, "is not one of fp32, fp16, bf16"));
}

TEST_CASE("a text that is no config.ini of one section is refused with its line") {
  const auto parse = [](const char* text) {
    return refusal_of([&] { parse_config_ini(text, "c.ini"); });
  };
  CHECK(parse("head_num = 3\n").is(Code::invalid_argument, "c.ini:1: a key before the section"));
  CHECK(parse("[llama]\n[gpt]\n").is(Code::invalid_argument, "c.ini:2: section '[gpt]'"));
  CHECK(parse("[llama]\n[llama]\n").is(Code::invalid_argument, "a second section"));
  CHECK(parse("[llama]\na = 1\nb = 2\na = 1\n")
            .is(Code::invalid_argument, "c.ini:4: key 'a' was given before, at c.ini:2"));
  CHECK(parse("[llama]\nhead_num\n").is(Code::invalid_argument, "key = value"));
  CHECK(parse("[llama]\n= 4\n").is(Code::invalid_argument, "no key before"));
}

TEST_CASE("the text that convert writes reads back as the same model") {
  Architecture model = read(kMinimal + "kv_head_num = 4\nstart_id = 1\nend_id = 2\n").architecture;
  model.has_qkv_bias = model.has_o_bias = true;
  model.rope_theta = 1e6F;
  const std::string text = config_ini_text(model, {"internlm", 2, 1, DataType::bf16});
  const ModelConfig config = read(text);
  CHECK(config.architecture.kv_head_num == 4);
  CHECK(config.architecture.norm_eps == model.norm_eps);
  CHECK(config.architecture.rope_theta == 1e6F);
  CHECK(config.architecture.has_qkv_bias);
  CHECK(config.architecture.special_tokens == std::vector<std::int32_t>{1, 2});
  CHECK(config.tensor_para_size == 2);
  CHECK(config.weight_type == DataType::bf16);
  CHECK(config.defaults.session_len == 2056);
  CHECK(config.defaults.max_batch_size == 64);
  CHECK(config.defaults.max_context_token_num == 1);
  CHECK(config.warnings.empty());
}

TEST_CASE("numbers are written as Python prints them") {
  CHECK(python_float(1e-6F) == "1e-06");
  CHECK(python_float(1e-5F) == "1e-05");
  CHECK(python_float(10000.0F) == "10000.0");
  CHECK(python_float(1e6F) == "1000000.0");
  CHECK(python_float(0.5F) == "0.5");
}

TEST_CASE("session_len comes from the template's name, else from the trained length") {
  CHECK(session_len_of("internlm", 512) == 2056);
  CHECK(session_len_of("llama2", 512) == 4104);
  CHECK(session_len_of("internlm-chat-7b-8k", 512) == 8200);
  CHECK(session_len_of("qwen-14b", 512) == 8200);
  CHECK(session_len_of("baichuan2-7b", 512) == 2056);
  CHECK(session_len_of("my-own", 512) == 512);
}
