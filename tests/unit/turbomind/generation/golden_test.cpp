// A real model and stories that others generated with it, token for token.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "golden_model.hpp"
#include "loaded_engine.hpp"
#include "temporary_folder.hpp"
#include "turbomind/model/converter.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::test::golden_model;
using lmbench::test::GoldenModel;
using lmbench::test::GoldenText;
using lmbench::test::TemporaryFolder;

namespace {

std::vector<Job> jobs_of(const GoldenModel& golden) {
  std::vector<Job> jobs;
  for (const GoldenText& text : golden.texts) {
    jobs.push_back({text.prompt, static_cast<std::uint32_t>(text.tokens.size())});
  }
  return jobs;
}

std::vector<Tokens> tokens_of(const GoldenModel& golden) {
  std::vector<Tokens> tokens;
  for (const GoldenText& text : golden.texts) tokens.push_back(text.tokens);
  return tokens;
}

std::vector<Tokens> generate(const Options& options, const std::vector<Job>& jobs) {
  LoadedEngine engine(options);
  return engine.generate(jobs);
}

bool is_here(const GoldenModel& golden) {
  if (!golden.is_here()) MESSAGE(golden.reason);
  return golden.is_here();
}

std::filesystem::path convert(const std::filesystem::path& source, std::uint32_t ranks,
                              const TemporaryFolder& folder) {
  ConversionRequest request;
  request.source = source;
  request.target = folder.path() / std::to_string(ranks);
  request.model_name = "llama";
  request.ranks = ranks;
  convert_model(request, [](double) {});
  return request.target;
}

}  // namespace

TEST_CASE("TinyStories-656K in fp32 tells the published stories, with every tp that divides it") {
  const GoldenModel golden = golden_model(LMBENCH_SOURCE_DIR);
  if (!is_here(golden)) return;
  for (const std::uint32_t ranks : {1U, 2U, 4U}) {
    CAPTURE(ranks);
    CHECK(generate(options_for(golden.fp32).integer("tp", ranks), jobs_of(golden)) ==
          tokens_of(golden));
  }
}

TEST_CASE("TinyStories-656K stops by itself where the published story ends") {
  const GoldenModel golden = golden_model(LMBENCH_SOURCE_DIR);
  if (!is_here(golden)) return;
  Job job{golden.texts[0].prompt, 300};
  job.ignores_eos = false;
  LoadedEngine engine(options_for(golden.fp32));
  const RequestLog log = engine.run({job}).front();
  CHECK(log.tokens == golden.texts[0].tokens);
  CHECK(log.finish == lmbench::Finish::stop);
}

TEST_CASE("TinyStories-656K converted to fp16 is the model that dtype makes of it") {
  const GoldenModel golden = golden_model(LMBENCH_SOURCE_DIR);
  if (!is_here(golden)) return;
  const TemporaryFolder folder;
  const auto sliced = convert(golden.fp32, 1, folder);
  for (const std::uint32_t ranks : {1U, 2U, 4U}) {
    CAPTURE(ranks);
    const auto jobs = jobs_of(golden);
    const auto direct =
        generate(options_for(golden.fp32).text("dtype", "fp16").integer("tp", ranks), jobs);
    const auto files = ranks == 1 ? sliced : convert(golden.fp32, ranks, folder);
    CHECK(generate(options_for(files), jobs) == direct);
    CHECK(generate(options_for(sliced).integer("tp", ranks), jobs) == direct);
  }
}

TEST_CASE("TinyStories-656K in bf16 loads directly and converted, with equal tokens") {
  const GoldenModel golden = golden_model(LMBENCH_SOURCE_DIR);
  if (!is_here(golden)) return;
  const TemporaryFolder folder;
  const auto jobs = jobs_of(golden);
  const auto direct = generate(options_for(golden.bf16), jobs);
  CHECK(generate(options_for(convert(golden.bf16, 1, folder)), jobs) == direct);
  const Agreement agreement =
      compare(ReferenceLlama::read(golden.bf16), jobs, direct, tolerance_of(SmallType::bf16));
  CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
  // The same file with the arithmetic of fp32 is the fp32 model.
  CHECK(generate(options_for(golden.bf16).text("dtype", "fp32"), jobs) == tokens_of(golden));
}
