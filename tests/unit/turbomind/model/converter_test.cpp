// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/converter.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <vector>

#include "refusal.hpp"
#include "small_model.hpp"
#include "temporary_folder.hpp"
#include "weight_reader.hpp"

using namespace turbomind;
using namespace lmbench::test;
using lmbench::Code;
using lmbench::ConfigEntry;
using lmbench::ValueType;
using lmbench::sdk::abi;
using turbomind::test::first_difference;
using turbomind::test::refusal_of;
using turbomind::test::request_for;
using turbomind::test::values_of_share;

namespace {

namespace fs = std::filesystem;

ConversionRequest conversion(const TemporaryFolder& folder, std::uint32_t ranks = 1) {
  ConversionRequest request;
  request.source = folder.path() / "hf";
  request.target = folder.path() / "tm";
  request.model_name = "llama";
  request.ranks = ranks;
  return request;
}

void convert(const ConversionRequest& request) {
  convert_model(request, [](double) {});
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t entries_of(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

ConfigEntry text_entry(std::string_view key, std::string_view text) {
  ConfigEntry entry{};
  entry.key = abi(key);
  entry.type = ValueType::text;
  entry.text = abi(text);
  return entry;
}

class CountingSink final : public lmbench::IProgressSink {
 public:
  explicit CountingSink(Code answer) : answer_(answer) {}
  Code on_progress(lmbench::StrView, double fraction) noexcept override {
    ++calls;
    last = fraction;
    return answer_;
  }
  int calls = 0;
  double last = 0;
 private:
  Code answer_;
};

struct Converted {
  Code code;
  std::string text;
};

Converted through_extension(const TemporaryFolder& folder, const std::vector<ConfigEntry>& options,
                            lmbench::IProgressSink* sink = nullptr) {
  const std::string source = (folder.path() / "hf").string();
  const std::string target = (folder.path() / "tm").string();
  std::array<char, 1000> text{};
  lmbench::ErrorText error{text.data(), static_cast<std::uint32_t>(text.size()), 0};
  Converter converter;
  const Code code =
      converter.convert(abi(source), abi(target), {options.data(), options.size()}, sink, &error);
  return {code, std::string(text.data(), error.size)};
}

}  // namespace

TEST_CASE("a converted directory gives the weights of its source, element by element") {
  for (const SmallType type : {SmallType::fp32, SmallType::fp16, SmallType::bf16}) {
    for (const std::uint32_t ranks : {1U, 2U, 4U}) {
      SmallModel small;
      small.type = type;
      small.kv_heads = 4;
      small.shards = 2;
      small.has_qkv_bias = small.has_o_bias = type != SmallType::fp32;
      const TemporaryFolder folder;
      write_small_model(small, folder.path() / "hf");
      convert(conversion(folder, ranks));
      const OpenedModel converted = open_model(request_for((folder.path() / "tm").string()));
      CHECK(converted.ranks == ranks);
      CHECK(converted.data_type == (type == SmallType::bf16 ? DataType::bf16 : DataType::fp16));
      ModelRequest request = request_for((folder.path() / "hf").string(), ranks);
      request.data_type = converted.data_type;
      const OpenedModel direct = open_model(request);
      CHECK(first_difference(*direct.weights, *converted.weights, ranks) == "");
      CHECK(converted.warnings.empty());
    }
  }
}

TEST_CASE("a tied head is written as a copy of the embedding") {
  SmallModel small;
  small.is_tied = true;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  convert(conversion(folder));
  const fs::path weights = folder.path() / "tm" / "triton_models" / "weights";
  CHECK(read_file(weights / "output.weight") == read_file(weights / "tok_embeddings.weight"));
}

TEST_CASE("a vocabulary that tp does not divide is padded with zero rows in both files") {
  SmallModel small;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  convert(conversion(folder, 2));
  const fs::path weights = folder.path() / "tm" / "triton_models" / "weights";
  for (const char* name : {"output.weight", "tok_embeddings.weight"}) {
    const std::string bytes = read_file(weights / name);
    REQUIRE(bytes.size() == 62 * 32 * 2);
    CHECK(bytes.substr(61 * 32 * 2) == std::string(32 * 2, '\0'));
  }
}

TEST_CASE("config.ini has the keys of lmdeploy in its order") {
  SmallModel small;
  small.has_qkv_bias = small.has_o_bias = true;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  convert(conversion(folder, 2));
  CHECK(read_file(folder.path() / "tm" / "triton_models" / "weights" / "config.ini") ==
        "[llama]\nmodel_name = llama\ntensor_para_size = 2\nhead_num = 4\nkv_head_num = 2\n"
        "vocab_size = 61\nnum_layer = 2\ninter_size = 48\nnorm_eps = 1e-05\nattn_bias = 1\n"
        "start_id = 1\nend_id = 2\nsession_len = 2056\nweight_type = fp16\n"
        "rotary_embedding = 8\nrope_theta = 10000.0\nsize_per_head = 8\ngroup_size = 0\n"
        "max_batch_size = 64\nmax_context_token_num = 1\nstep_length = 1\n"
        "cache_max_entry_count = 0.5\ncache_block_seq_len = 128\ncache_chunk_size = 1\n"
        "use_context_fmha = 1\nquant_policy = 0\nmax_position_embeddings = 256\n"
        "rope_scaling_factor = 0.0\nuse_logn_attn = 0\n\n");
}

TEST_CASE("biases of q, k and v without one of o get a zero file, as readers expect") {
  SmallModel small;
  small.has_qkv_bias = true;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  convert(conversion(folder, 2));
  const fs::path weights = folder.path() / "tm" / "triton_models" / "weights";
  CHECK(read_file(weights / "layers.1.attention.wo.1.bias") == std::string(64, '\0'));
  const OpenedModel converted = open_model(request_for((folder.path() / "tm").string()));
  CHECK(converted.warnings.empty());
  CHECK(converted.architecture.has_o_bias);
}

TEST_CASE("tokenizer files travel along, the index of the shards does not") {
  SmallModel small;
  small.shards = 2;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  write_text("model", folder.path() / "hf" / "tokenizer.model");
  write_text("{}", folder.path() / "hf" / "tokenizer_config.json");
  write_text("pass", folder.path() / "hf" / "tokenization_internlm.py");
  write_text("no", folder.path() / "hf" / "README.md");
  convert(conversion(folder));
  const fs::path tokenizer = folder.path() / "tm" / "triton_models" / "tokenizer";
  CHECK(read_file(tokenizer / "tokenizer.model") == "model");
  CHECK(fs::exists(tokenizer / "tokenizer_config.json"));
  CHECK(fs::exists(tokenizer / "tokenization_internlm.py"));
  CHECK(fs::exists(tokenizer / "config.json"));
  CHECK(entries_of(tokenizer) == 4);
}

TEST_CASE("a conversion that fails leaves nothing behind, and replaces nothing unasked") {
  SmallModel small;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  std::vector<SmallTensor> tensors = tensors_of(small);
  tensors.push_back({"model.extra.weight", {1}, {1.0F}});
  write_safetensors(tensors, small.type, folder.path() / "hf" / "model.safetensors");
  CHECK(refusal_of([&] {
          convert(conversion(folder));
        }).is(Code::invalid_argument, "such as 'model.extra.weight'"));
  CHECK(entries_of(folder.path()) == 1);
  tensors.pop_back();
  write_safetensors(tensors, small.type, folder.path() / "hf" / "model.safetensors");
  convert(conversion(folder));
  CHECK(refusal_of([&] {
          convert(conversion(folder));
        }).is(Code::invalid_argument, "exists and is not empty; say force"));
  ConversionRequest again = conversion(folder, 2);
  again.replaces_target = true;
  convert(again);
  CHECK(open_model(request_for((folder.path() / "tm").string())).ranks == 2);
  CHECK(entries_of(folder.path()) == 2);
}

TEST_CASE("a value beyond the range of fp16 is an error, not an infinity") {
  SmallModel small;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  std::vector<SmallTensor> tensors = tensors_of(small);
  tensors.back().values[40] = 1e6F;
  write_safetensors(tensors, small.type, folder.path() / "hf" / "model.safetensors");
  CHECK(refusal_of([&] {
          convert(conversion(folder));
        }).is(Code::invalid_argument, "output.weight of rank 0, row 1, column 8"));
  CHECK(!fs::exists(folder.path() / "tm"));
}

TEST_CASE("what the format cannot say is refused") {
  SmallModel small;
  small.has_o_bias = true;
  const TemporaryFolder folder;
  write_small_model(small, folder.path() / "hf");
  CHECK(refusal_of([&] { convert(conversion(folder)); }).is(Code::unsupported, "o_proj"));
  CHECK(refusal_of([&] {
          convert(conversion(folder, 3));
        }).is(Code::invalid_argument, "tp = 3 does not divide head_num = 4"));
  fs::remove(folder.path() / "hf" / "config.json");
  CHECK(refusal_of([&] { convert(conversion(folder)); }).is(Code::not_found, "no config.json"));
}

TEST_CASE("lmbench.convert/1 reports progress up to the end, and stops when told") {
  const TemporaryFolder folder;
  write_small_model(SmallModel{}, folder.path() / "hf");
  const std::vector<ConfigEntry> options = {text_entry("model_name", "llama")};
  CountingSink stop(Code::cancelled);
  const Converted stopped = through_extension(folder, options, &stop);
  CHECK(stopped.code == Code::cancelled);
  CHECK(stop.calls == 1);
  CHECK(entries_of(folder.path()) == 1);
  CountingSink go(Code::ok);
  CHECK(through_extension(folder, options, &go).code == Code::ok);
  CHECK(go.last == 1.0);
  CHECK(fs::exists(folder.path() / "tm" / "triton_models" / "weights" / "config.ini"));
}

TEST_CASE("lmbench.convert/1 refuses options it does not know and formats it cannot read") {
  const TemporaryFolder folder;
  write_small_model(SmallModel{}, folder.path() / "hf");
  const auto with = [&](std::string_view key, std::string_view value) {
    return through_extension(folder, {text_entry("model_name", "llama"), text_entry(key, value)});
  };
  CHECK(with("colour", "red").code == Code::invalid_argument);
  CHECK(with("colour", "red").text.find("colour") != std::string::npos);
  CHECK(with("model_format", "awq").code == Code::unsupported);
  CHECK(with("model_format", "nonsense").code == Code::invalid_argument);
  CHECK(with("quant_path", "q.pth").code == Code::unsupported);
  CHECK(through_extension(folder, {}).code == Code::invalid_argument);
  CHECK(through_extension(folder, {text_entry("model_name", "a\nb = 1")}).code ==
        Code::invalid_argument);
}
