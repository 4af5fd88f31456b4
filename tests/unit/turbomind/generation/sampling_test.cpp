// Sampled tokens against the definition that all backends share, worked out in double precision.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::test::TemporaryFolder;

namespace {

std::vector<ReferenceSampling> all_samplings() {
  return {{.temperature = 1, .seed = 1},
          {.temperature = 0.7, .seed = 2},
          {.temperature = 2.5, .seed = std::numeric_limits<std::uint64_t>::max()},
          {.temperature = 1, .top_k = 2, .seed = 4},
          {.temperature = 0.8, .top_k = 40, .seed = 5},
          {.temperature = 1, .top_k = 1024, .seed = 6},  // more than there are tokens
          {.temperature = 1, .top_p = 0.9, .seed = 7},
          {.temperature = 1.5, .top_p = 0.3, .seed = 8},
          {.temperature = 1, .top_p = 0.01, .seed = 9},
          {.temperature = 0.8, .top_k = 40, .top_p = 0.8, .seed = 10},
          {.temperature = 1.2, .top_k = 5, .top_p = 0.95, .seed = 1ULL << 32U}};
}

struct Fixture {
  explicit Fixture(SmallType type) {
    model.type = type;
    model.vocab_size = 331;
    lmbench::test::write_small_model(model, folder.path());
    // fp32 to the ABI and back, so that both have the very same parameters.
    for (ReferenceSampling sampling : all_samplings()) {
      sampling.temperature = static_cast<float>(sampling.temperature);
      sampling.top_p = static_cast<float>(sampling.top_p);
      jobs.push_back({random_prompt(11, model.vocab_size, 1), 60, sampling});
    }
  }

  SmallModel model;
  TemporaryFolder folder;
  std::vector<Job> jobs;
};

}  // namespace

TEST_CASE("sampled tokens are those of the definition, for any temperature, top_k and top_p") {
  const Fixture fixture(SmallType::fp32);
  const ReferenceLlama reference(fixture.model);
  LoadedEngine engine(options_for(fixture.folder.path()));
  const std::vector<Tokens> tokens = engine.generate(fixture.jobs);
  Agreement sum;
  for (std::size_t i = 0; i < fixture.jobs.size(); ++i) {
    CAPTURE(fixture.jobs[i].sampling.seed);
    const Agreement agreement =
        compare(reference, fixture.jobs[i], tokens[i], tolerance_of(SmallType::fp32));
    CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
    sum.add(agreement);
  }
  MESSAGE(sum.clear << " of " << sum.steps << " steps are clear");
  CHECK(sum.clear_share() >= 0.99);
}

TEST_CASE("sampled tokens of fp16 and bf16 models are those of the definition where it is clear") {
  for (const SmallType type : {SmallType::fp16, SmallType::bf16}) {
    CAPTURE(static_cast<int>(type));
    const Fixture fixture(type);
    const ReferenceLlama reference(fixture.model);
    LoadedEngine engine(options_for(fixture.folder.path()));
    const Agreement agreement =
        compare(reference, fixture.jobs, engine.generate(fixture.jobs), tolerance_of(type));
    CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
    MESSAGE(agreement.clear << " of " << agreement.steps << " steps are clear");
    CHECK(agreement.clear_share() >= (type == SmallType::fp16 ? 0.98 : 0.93));
  }
}

TEST_CASE("top_k of 1 is greedy, and temperature 0 reads neither seed nor limits") {
  const Fixture fixture(SmallType::fp32);
  LoadedEngine engine(options_for(fixture.folder.path()));
  Job job{random_prompt(5, fixture.model.vocab_size, 2), 30};
  const Tokens greedy = engine.generate(job);
  job.sampling = {.temperature = 0, .top_k = 3, .top_p = 0.5, .seed = 77};
  CHECK(engine.generate(job) == greedy);
  job.sampling = {.temperature = 1.7, .top_k = 1, .seed = 78};
  CHECK(engine.generate(job) == greedy);
}

TEST_CASE("each seed has a text of its own, the same every time") {
  const Fixture fixture(SmallType::bf16);
  LoadedEngine engine(options_for(fixture.folder.path()));
  std::vector<Job> jobs;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    jobs.push_back(
        {random_prompt(5, fixture.model.vocab_size, 2), 30, {.temperature = 1, .seed = seed}});
  }
  const std::vector<Tokens> first = engine.generate(jobs);
  CHECK(engine.generate(jobs) == first);
  CHECK(std::set<Tokens>(first.begin(), first.end()).size() == jobs.size());
}
