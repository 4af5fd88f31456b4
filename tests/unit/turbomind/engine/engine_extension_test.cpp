// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "engine_fixture.hpp"

using namespace turbomind;
using lmbench::Code;
using lmbench::sdk::abi;

namespace {

class Parts final : public lmbench::IMemorySink {
 public:
  void on_part(lmbench::StrView part, std::int32_t device, std::uint64_t reserved_bytes,
               std::uint64_t used_bytes, std::uint64_t) noexcept override {
    CHECK(device == -1);
    CHECK(used_bytes <= reserved_bytes);
    names.emplace_back(lmbench::sdk::view(part));
  }
  std::vector<std::string> names;
};

}  // namespace

TEST_CASE("extensions are the same pointer every time, and null when unknown") {
  TestHost host;
  const EnginePtr engine(new Engine(&host, fake_backend()));
  for (const char* id : {"lmbench.model/1", "lmbench.memory/1", "lmbench.convert/1"}) {
    CHECK(engine->extension(abi(id)) != nullptr);
    CHECK(engine->extension(abi(id)) == engine->extension(abi(id)));
  }
  for (const char* id : {"lmbench.model/2", "", "lmbench.text/1"}) {
    CHECK(engine->extension(abi(id)) == nullptr);
  }
}

TEST_CASE("the preview of a config is what load then gives") {
  TestHost host;
  TestSink sink;
  const EnginePtr engine(new Engine(&host, fake_backend()));
  auto* model = static_cast<lmbench::IModel*>(engine->extension(abi("lmbench.model/1")));
  const Options options = Options()
                              .text("model", "fake")
                              .integer("tp", 2)
                              .integer("lmbench.max_requests", 3)
                              .integer("lmbench.max_sequence_tokens", 600);
  lmbench::ModelInfo preview{};
  TestError error;
  const Code code = model->preview(options.view(), &preview, error.get());
  CAPTURE(error.text());
  REQUIRE(code == Code::ok);
  // Per layer q, k, v, o and the three of the FFN; two norms each, and the last.
  const std::uint64_t layer = 32 * (32 + 2 * 16) + 32 * 32 + 3 * 32 * 64 + 2 * 32;
  CHECK(preview.parameters == 2 * layer + 32 + 2 * 1000 * 32);
  CHECK(preview.kv_bytes_per_token == 2.0 * 2 * 1 * 8 * 4);
  CHECK(preview.kv_capacity_tokens == 3 * 640);
  CHECK(preview.max_sequence_tokens == 600);
  CHECK(preview.max_requests == 3);
  CHECK(preview.kv_block_tokens == 64);
  CHECK(preview.read_bytes_per_s == 5e9);
  CHECK(preview.vocabulary == kFakeVocabSize);
  CHECK(preview.special_tokens.size == 2);

  REQUIRE(engine->load(options.view(), &sink, nullptr) == Code::ok);
  lmbench::ModelInfo info{};
  REQUIRE(model->info(&info, nullptr) == Code::ok);
  CHECK(info.parameters == preview.parameters);
  CHECK(info.weight_bytes_per_step == preview.weight_bytes_per_step);
  CHECK(info.kv_capacity_tokens == preview.kv_capacity_tokens);
  CHECK(info.special_tokens.data[1] == kFakeEos);
}

TEST_CASE("the preview of a wrong config is an error with a text") {
  TestHost host;
  const EnginePtr engine(new Engine(&host, fake_backend()));
  lmbench::ModelInfo info{};
  TestError error;
  const Options options = Options().text("model", "fake").integer("nonsense", 1);
  CHECK(engine->preview(options.view(), &info, error.get()) == Code::invalid_argument);
  CHECK(error.text().find("'nonsense'") != std::string::npos);
}

TEST_CASE("memory is told in parts once the model is loaded") {
  TestHost host;
  TestSink sink;
  const EnginePtr engine(new Engine(&host, fake_backend()));
  auto* memory = static_cast<lmbench::IMemory*>(engine->extension(abi("lmbench.memory/1")));
  Parts none;
  memory->parts(&none);
  CHECK(none.names.empty());
  REQUIRE(engine->load(Options().text("model", "fake").view(), &sink, nullptr) == Code::ok);
  Parts parts;
  memory->parts(&parts);
  CHECK(parts.names == std::vector<std::string>{"weights", "kv", "workspace"});
}
