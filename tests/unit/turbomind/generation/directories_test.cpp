// One model from everywhere it can come from: its Hugging Face directory, TurboMind directories for
// one and several ranks, and the one for one rank sliced while it is read.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"
#include "turbomind/model/converter.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::test::TemporaryFolder;

namespace {

SmallModel model_of(SmallType type) {
  SmallModel model;
  model.heads = 8;
  model.kv_heads = 4;
  model.head_size = 8;
  model.inter_size = 80;
  model.vocab_size = 103;
  model.type = type;
  model.has_qkv_bias = model.has_o_bias = true;
  return model;
}

std::vector<Job> jobs_for(const SmallModel& model) {
  return {{random_prompt(1, model.vocab_size, 1), 24},
          {random_prompt(40, model.vocab_size, 2), 24},
          {random_prompt(70, model.vocab_size, 3), 24, {.temperature = 1, .seed = 3}}};
}

// The model in all its forms.
struct Fixture {
  explicit Fixture(const SmallModel& of) : model(of), jobs(jobs_for(of)) {
    lmbench::test::write_small_model(model, source());
  }
  std::filesystem::path source() const { return folder.path() / "hf"; }
  std::filesystem::path converted(std::uint32_t ranks) const {
    ConversionRequest request;
    request.source = source();
    request.target = folder.path() / ("tm" + std::to_string(ranks));
    request.model_name = "llama";
    request.ranks = ranks;
    convert_model(request, [](double) {});
    return request.target;
  }
  std::vector<Tokens> generate(const Options& options) const {
    LoadedEngine engine(options);
    return engine.generate(jobs);
  }

  SmallModel model;
  std::vector<Job> jobs;
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("directories for one, two and four ranks generate what their source does") {
  for (const SmallType type : {SmallType::fp16, SmallType::bf16}) {
    CAPTURE(static_cast<int>(type));
    const Fixture fixture(model_of(type));
    const auto sliced = fixture.converted(1);
    for (const std::uint32_t ranks : {1U, 2U, 4U}) {
      CAPTURE(ranks);
      const auto direct = fixture.generate(options_for(fixture.source()).integer("tp", ranks));
      const auto files = ranks == 1 ? sliced : fixture.converted(ranks);
      CHECK(fixture.generate(options_for(files)) == direct);
      CHECK(fixture.generate(options_for(files).integer("tp", ranks)) == direct);
      CHECK(fixture.generate(options_for(sliced).integer("tp", ranks)) == direct);
    }
  }
}

TEST_CASE("a converted fp32 model is the fp16 model that dtype makes of it") {
  const Fixture fixture(model_of(SmallType::fp32));
  const auto converted = fixture.converted(1);
  const auto tokens = fixture.generate(options_for(converted));
  CHECK(tokens == fixture.generate(options_for(fixture.source()).text("dtype", "fp16")));
}

TEST_CASE("a converted model agrees with the reference of its source") {
  const Fixture fixture(model_of(SmallType::fp16));
  const ReferenceLlama reference(fixture.model);
  const auto tokens = fixture.generate(options_for(fixture.converted(2)));
  const Agreement agreement =
      compare(reference, fixture.jobs, tokens, tolerance_of(SmallType::fp16));
  CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
}

TEST_CASE("a model in several shards generates what it does in one file") {
  SmallModel model = model_of(SmallType::bf16);
  const Fixture whole(model);
  model.shards = 3;
  const Fixture cut(model);
  CHECK(cut.generate(options_for(cut.source())) == whole.generate(options_for(whole.source())));
}
