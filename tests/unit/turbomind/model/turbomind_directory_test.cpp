// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/turbomind_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <limits>

#include "refusal.hpp"
#include "small_model.hpp"
#include "temporary_folder.hpp"
#include "turbomind/model/converter.hpp"
#include "weight_reader.hpp"

using namespace turbomind;
using namespace lmbench::test;
using lmbench::Code;
using turbomind::test::bytes_of_share;
using turbomind::test::first_difference;
using turbomind::test::refusal_of;
using turbomind::test::request_for;

namespace {

namespace fs = std::filesystem;

SmallModel with_biases() {
  SmallModel small;
  small.type = SmallType::fp16;
  small.kv_heads = 4;
  small.has_qkv_bias = small.has_o_bias = true;
  return small;
}

// A converted small model: its directory, and the weights folder to bend.
struct Converted {
  Converted(const SmallModel& small, std::uint32_t ranks) {
    write_small_model(small, folder.path() / "hf");
    ConversionRequest request;
    request.source = folder.path() / "hf";
    request.target = path();
    request.model_name = "internlm";
    request.ranks = ranks;
    convert_model(request, [](double) {});
  }
  fs::path path() const { return folder.path() / "tm"; }
  fs::path weights() const { return path() / "triton_models" / "weights"; }
  OpenedModel open(std::uint32_t ranks = 1) const {
    return open_model(request_for(path().string(), ranks));
  }
  turbomind::test::Refusal refusal(std::uint32_t ranks = 1) const {
    return refusal_of([&] { open(ranks); });
  }
  void replace_in_config(const std::string& from, const std::string& to) const {
    std::ifstream stream(weights() / "config.ini");
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    write_text(text.replace(at, from.size(), to), weights() / "config.ini");
  }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("a directory for two ranks and the sliced directory for one are the same bytes") {
  for (const std::uint32_t vocab_size : {60U, 61U}) {
    SmallModel small = with_biases();
    small.vocab_size = vocab_size;
    const Converted two(small, 2);
    const Converted one(small, 1);
    const OpenedModel from_files = two.open();
    const OpenedModel sliced = one.open(2);
    CHECK(from_files.ranks == 2);
    CHECK(sliced.ranks == 2);
    CHECK(first_difference(*from_files.weights, *sliced.weights, 2) == "");
    CHECK(from_files.warnings.empty());
    CHECK(sliced.warnings.empty());
  }
}

TEST_CASE("wide slices are read run by run, with the same result as from files of each rank") {
  SmallModel small = with_biases();
  small.heads = small.kv_heads = 4;
  small.head_size = 16;
  small.inter_size = 16384;  // 4096 columns of two bytes per rank: above the limit for runs
  small.layers = 1;
  const Converted four(small, 4);
  const Converted one(small, 1);
  CHECK(first_difference(*four.open().weights, *one.open(4).weights, 4) == "");
}

TEST_CASE("X, its weights folder, and a slash at the end all name the model") {
  const Converted model(with_biases(), 1);
  CHECK(model.open().has_config_ini);
  CHECK(open_model(request_for(model.weights().string())).architecture.head_num == 4);
  CHECK(open_model(request_for(model.path().string() + "/")).architecture.head_num == 4);
}

TEST_CASE("rows read in pieces from a sliced directory are the rows read at once") {
  const Converted model(with_biases(), 1);
  const OpenedModel opened = model.open(2);
  const auto whole = bytes_of_share(*opened.weights, Tensor::w_qkv, 1, {1, 2});
  std::vector<std::byte> piece(whole.size() / 32 * 5);
  opened.weights->read_rows(Tensor::w_qkv, 1, {1, 2}, 20, 5, piece);
  CHECK(std::equal(piece.begin(), piece.end(),
                   whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 32 * 20)));
}

TEST_CASE("fp32 as weight_type is half on disk and runs as fp16; dtype converts while reading") {
  const Converted model(with_biases(), 1);
  model.replace_in_config("weight_type = fp16", "weight_type = fp32");
  CHECK(model.open().data_type == DataType::fp16);
  ModelRequest request = request_for(model.path().string(), 2);
  request.data_type = DataType::fp32;
  const OpenedModel wide = open_model(request);
  CHECK(wide.data_type == DataType::fp32);
  CHECK(turbomind::test::values_of_share(*wide.weights, Tensor::w_qkv, 0, {1, 2}) ==
        turbomind::test::values_of_share(*model.open(2).weights, Tensor::w_qkv, 0, {1, 2}));
}

TEST_CASE("tensor_para_size wins over tp 1, and contradicts any other") {
  const Converted model(with_biases(), 2);
  CHECK(model.open(1).ranks == 2);
  CHECK(model.open(2).ranks == 2);
  CHECK(model.refusal(4).is(Code::invalid_argument, "tensor_para_size = 2, so tp = 4"));
  const Converted whole(with_biases(), 1);
  CHECK(whole.refusal(3).is(Code::invalid_argument, "tp = 3 does not divide head_num = 4"));
}

TEST_CASE("files of a larger tp beside those for one are used for that tp") {
  const Converted one(with_biases(), 1);
  const Converted two(with_biases(), 2);
  for (const auto& entry : fs::directory_iterator(two.weights())) {
    if (entry.path().filename() == "config.ini") continue;
    fs::copy_file(entry.path(), one.weights() / entry.path().filename(),
                  fs::copy_options::overwrite_existing);
  }
  const OpenedModel model = one.open(2);
  CHECK(first_difference(*model.weights, *two.open().weights, 2) == "");
}

TEST_CASE("biases are taken from the files, and attn_bias only promises them") {
  SUBCASE("not promised, but there: used, with a warning") {
    const Converted model(with_biases(), 1);
    model.replace_in_config("attn_bias = 1", "attn_bias = 0");
    const OpenedModel opened = model.open();
    CHECK(opened.architecture.has_qkv_bias);
    CHECK(opened.architecture.has_o_bias);
    REQUIRE(opened.warnings.size() == 1);
    CHECK(opened.warnings[0].find("attn_bias is 0 or missing") != std::string::npos);
  }
  SUBCASE("promised and absent: an error") {
    SmallModel small;
    const Converted model(small, 1);
    CHECK(!model.open().architecture.has_qkv_bias);
    model.replace_in_config("attn_bias = 0", "attn_bias = 1");
    CHECK(model.refusal().is(Code::invalid_argument, "attn_bias = 1, but there is no"));
  }
  SUBCASE("promised, none of wo: zero, with a warning") {
    const Converted model(with_biases(), 1);
    for (const char* layer : {"0", "1"}) {
      fs::remove(model.weights() / ("layers." + std::string(layer) + ".attention.wo.0.bias"));
    }
    const OpenedModel opened = model.open();
    CHECK(opened.architecture.has_qkv_bias);
    CHECK(!opened.architecture.has_o_bias);
    REQUIRE(opened.warnings.size() == 1);
    CHECK(opened.warnings[0].find("taken as zero") != std::string::npos);
  }
  SUBCASE("some of them: an error that names the first missing") {
    const Converted model(with_biases(), 1);
    fs::remove(model.weights() / "layers.1.attention.w_qkv.0.bias");
    CHECK(model.refusal().is(Code::invalid_argument, "layers.1.attention.w_qkv.0.bias"));
  }
}

TEST_CASE("missing and mis-sized files are listed, ten at most, before any is read") {
  const Converted model(with_biases(), 1);
  fs::remove(model.weights() / "norm.weight");
  fs::resize_file(model.weights() / "layers.0.feed_forward.w1.0.weight", 100);
  fs::resize_file(model.weights() / "output.weight", 62 * 64);  // one row more than V
  const auto refusal = model.refusal();
  CHECK(refusal.is(Code::invalid_argument, "3 problems: "));
  CHECK(refusal.is(Code::invalid_argument,
                   "layers.0.feed_forward.w1.0.weight: expected [32, 48] (3072 bytes), found 100 "
                   "bytes"));
  CHECK(refusal.is(Code::invalid_argument, "norm.weight: expected [32] (64 bytes), found no such"));
  for (const auto& entry : fs::directory_iterator(model.weights())) {
    if (entry.path().extension() == ".weight") fs::resize_file(entry.path(), 1);
  }
  CHECK(model.refusal().is(Code::invalid_argument, "; and 7 more"));
}

TEST_CASE("an embedding padded for the tp in force is accepted, with V or Vpad rows") {
  SmallModel small = with_biases();
  const Converted model(small, 1);
  fs::resize_file(model.weights() / "tok_embeddings.weight", 62 * 64);  // 61 rows, padded for 2
  CHECK(model.open(2).ranks == 2);
  CHECK(model.refusal(1).is(Code::invalid_argument, "tok_embeddings.weight: expected [61, 32]"));
}

TEST_CASE("files that nobody reads are one warning; KV scales are none") {
  const Converted model(with_biases(), 1);
  write_text("x", model.weights() / "layers.0.past_kv_scale.0.weight");
  CHECK(model.open().warnings.empty());
  write_text("x", model.weights() / "layers.7.attention_norm.weight");
  write_text("x", model.weights() / "layers.8.attention_norm.weight");
  const OpenedModel opened = model.open();
  REQUIRE(opened.warnings.size() == 1);
  CHECK(opened.warnings[0].find("2 file(s) are not part of this model") != std::string::npos);
  CHECK(opened.warnings[0].find("layers.7.attention_norm.weight") != std::string::npos);
}

TEST_CASE("verify = finite refuses a NaN with its place, and only when it was asked for") {
  const Converted model(with_biases(), 1);
  {
    std::fstream file(model.weights() / "layers.1.feed_forward.w2.0.weight",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((5 * 32 + 7) * 2);
    file.write("\x00\x7e", 2);
  }
  bytes_of_share(*model.open().weights, Tensor::w2, 1, {});
  ModelRequest request = request_for(model.path().string());
  request.verifies_finite = true;
  const OpenedModel verified = open_model(request);
  bytes_of_share(*verified.weights, Tensor::w2, 0, {});
  CHECK(refusal_of([&] { bytes_of_share(*verified.weights, Tensor::w2, 1, {}); })
            .is(Code::invalid_argument,
                "layers.1.feed_forward.w2.weight of rank 0, row 5, column 7: a NaN"));
}

TEST_CASE("the format of later versions is refused by name") {
  const Converted model(with_biases(), 1);
  write_text("a: 1\n", model.weights() / "config.yaml");
  CHECK(model.refusal().is(Code::unsupported, "lmdeploy 0.6 and later"));
}

TEST_CASE("dummy weights need the config.ini alone") {
  const Converted model(with_biases(), 2);
  for (const auto& entry : fs::directory_iterator(model.weights())) {
    if (entry.path().filename() != "config.ini") fs::remove(entry.path());
  }
  ModelRequest request = request_for(model.path().string());
  request.weights = WeightOrigin::dummy;
  const OpenedModel opened = open_model(request);
  CHECK(opened.ranks == 2);
  CHECK(opened.has_config_ini);
  CHECK(opened.defaults.max_batch_size == 64);
  CHECK(bytes_of_share(*opened.weights, Tensor::w1, 1, {1, 2}).size() == 32 * 24 * 2);
}

TEST_CASE("a file that shrinks after it was checked is an error, not a crash") {
  const Converted model(with_biases(), 1);
  const OpenedModel opened = model.open();
  fs::resize_file(model.weights() / "layers.0.attention.wo.0.weight", 10);
  std::vector<std::byte> out(32 * 32 * 2);
  CHECK(refusal_of([&] {
          opened.weights->read_rows(Tensor::wo, 0, {}, 0, 32, out);
        }).is(Code::invalid_argument, "ended at byte"));
}
