// What a user gets wrong before a token is made, as load() and submit() of the engine tell it.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"
#include "turbomind/model/converter.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::Code;
using lmbench::test::SmallTensor;
using lmbench::test::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

struct Fixture {
  Fixture() { lmbench::test::write_small_model(model, source()); }

  fs::path source() const { return folder.path() / "model"; }
  fs::path weights() const { return source() / "model.safetensors"; }
  Options options() const { return options_for(source()); }

  // The model again, with its tensors bent.
  template <class Bend>
  void rewrite(Bend bend) const {
    std::vector<SmallTensor> tensors = tensors_of(model);
    bend(tensors);
    lmbench::test::write_safetensors(tensors, model.type, weights());
  }
  fs::path converted() const {
    ConversionRequest request;
    request.source = source();
    request.target = folder.path() / "converted";
    request.model_name = "llama";
    convert_model(request, [](double) {});
    return request.target / "triton_models" / "weights";
  }

  SmallModel model;
  TemporaryFolder folder;
};

void check_refused(const Options& options, Code code, const std::vector<std::string>& parts) {
  const LoadOutcome outcome = outcome_of_load(options);
  for (const std::string& part : parts) {
    CHECK_MESSAGE(outcome.is(code, part), static_cast<int>(outcome.code) << ": " << outcome.text);
  }
}

}  // namespace

TEST_CASE("a tp that does not divide the heads is refused with both numbers") {
  const Fixture fixture;
  check_refused(fixture.options().integer("tp", 3), Code::invalid_argument, {"3", "4"});
  check_refused(fixture.options().integer("tp", 4), Code::invalid_argument, {"kv", "2"});
}

TEST_CASE("a model that is nowhere is named") {
  const Fixture fixture;
  check_refused(options_for(fixture.folder.path() / "gone"), Code::not_found, {"gone"});
  check_refused(options_for(fixture.folder.path()), Code::not_found, {"config.json"});
}

TEST_CASE("weights that are too short, too long or incomplete are refused before they are used") {
  const Fixture fixture;
  const auto size = fs::file_size(fixture.weights());
  fs::resize_file(fixture.weights(), size - 2);
  check_refused(fixture.options(), Code::invalid_argument, {"model.safetensors"});
  fs::resize_file(fixture.weights(), size + 6);
  check_refused(fixture.options(), Code::invalid_argument, {"model.safetensors"});
  fixture.rewrite([](std::vector<SmallTensor>& tensors) { tensors.pop_back(); });
  check_refused(fixture.options(), Code::invalid_argument, {"lm_head.weight"});
  fixture.rewrite([](std::vector<SmallTensor>& tensors) { tensors.erase(tensors.begin() + 4); });
  check_refused(fixture.options(), Code::invalid_argument, {"self_attn.v_proj.weight"});
}

TEST_CASE("a TurboMind directory with a file missing or cut short is refused with its name") {
  const Fixture fixture;
  const fs::path weights = fixture.converted();
  const fs::path file = weights / "layers.1.feed_forward.w2.0.weight";
  const auto size = fs::file_size(file);
  fs::resize_file(file, size / 2);
  check_refused(options_for(weights), Code::invalid_argument,
                {file.filename().string(), std::to_string(size), std::to_string(size / 2)});
  fs::remove(file);
  check_refused(options_for(weights), Code::invalid_argument, {file.filename().string()});
}

TEST_CASE("a NaN among the weights is refused where verify = finite asks for it") {
  const Fixture fixture;
  fixture.rewrite([](std::vector<SmallTensor>& tensors) {
    tensors[6].values[5] = std::numeric_limits<float>::quiet_NaN();
  });
  check_refused(fixture.options().text("verify", "finite"), Code::invalid_argument, {"NaN"});
  CHECK(outcome_of_load(fixture.options()).code == Code::ok);
}

TEST_CASE("a request beyond the whole KV pool is out of memory, and others still run") {
  const Fixture fixture;
  LoadedEngine engine(fixture.options().real("cache_max_entry_count", 2));
  const Tokens prompt = random_prompt(100, fixture.model.vocab_size, 1);
  const LoadOutcome refused = engine.submit({prompt, 29});
  CHECK_MESSAGE(refused.is(Code::out_of_memory, "KV pool of 128 tokens"), refused.text);
  CHECK(engine.generate(Job{prompt, 28}).size() == 28);
}

TEST_CASE("a KV pool larger than the machine is out of memory with the figures") {
  const Fixture fixture;
  check_refused(fixture.options().real("cache_max_entry_count", 1e9), Code::out_of_memory,
                {"KV pool of 1000000000 blocks", "weights", "free"});
}
