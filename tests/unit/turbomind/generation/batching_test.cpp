// What else is in the batch must not change a request's tokens, bit for bit: neither company nor
// arrival, nor waiting for a slot, nor being preempted.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::test::TemporaryFolder;

namespace {

// Sixteen of different lengths, greedy and sampled in every way.
std::vector<Job> sixteen_jobs(const SmallModel& model) {
  std::vector<Job> jobs;
  for (std::uint32_t i = 0; i < 16; ++i) {
    ReferenceSampling sampling;
    if (i % 4 != 0) sampling.temperature = 0.6 + 0.1 * i;
    if (i % 4 == 2) sampling.top_k = static_cast<std::int32_t>(3 + i);
    if (i % 4 == 3) sampling.top_p = 0.85;
    sampling.seed = 1000 + i;
    const std::uint32_t length = 1 + i * i % 90;
    jobs.push_back({random_prompt(length, model.vocab_size, i), 12 + 3 * i, sampling});
  }
  return jobs;
}

std::vector<Tokens> one_by_one(LoadedEngine& engine, const std::vector<Job>& jobs) {
  std::vector<Tokens> tokens;
  for (const Job& job : jobs) tokens.push_back(engine.generate(job));
  return tokens;
}

SmallModel model_of(SmallType type) {
  SmallModel model;
  model.type = type;
  model.head_size = 16;
  model.inter_size = 112;
  model.vocab_size = 499;  // many tokens: leads are small, and small differences show
  return model;
}

struct Fixture {
  explicit Fixture(SmallType type) : model(model_of(type)), jobs(sixteen_jobs(model)) {
    lmbench::test::write_small_model(model, folder.path());
  }
  Options options() const { return options_for(folder.path()); }

  SmallModel model;
  std::vector<Job> jobs;
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("sixteen requests at once have the tokens of sixteen single runs") {
  for (const SmallType type : {SmallType::fp32, SmallType::fp16, SmallType::bf16}) {
    CAPTURE(static_cast<int>(type));
    const Fixture fixture(type);
    LoadedEngine engine(fixture.options());
    const std::vector<Tokens> alone = one_by_one(engine, fixture.jobs);
    CHECK(engine.generate(fixture.jobs) == alone);
    CHECK(engine.generate_staggered(fixture.jobs) == alone);
    std::vector<Job> reversed(fixture.jobs.rbegin(), fixture.jobs.rend());
    std::vector<Tokens> in_order = engine.generate(reversed);
    std::reverse(in_order.begin(), in_order.end());
    CHECK(in_order == alone);
  }
}

TEST_CASE("forty requests at once, more than one group of rows, have the tokens of single runs") {
  const Fixture fixture(SmallType::bf16);
  std::vector<Job> jobs;
  for (std::uint32_t i = 0; i < 40; ++i) {
    jobs.push_back({random_prompt(2 + i % 20, fixture.model.vocab_size, i), 30});
  }
  LoadedEngine engine(fixture.options());
  CHECK(engine.generate(jobs) == one_by_one(engine, jobs));
}

TEST_CASE("requests that wait for one of three slots have the same tokens") {
  const Fixture fixture(SmallType::bf16);
  LoadedEngine roomy(fixture.options());
  LoadedEngine narrow(fixture.options().integer("max_batch_size", 3));
  CHECK(narrow.generate(fixture.jobs) == roomy.generate(fixture.jobs));
}

TEST_CASE("the number of threads does not change a token") {
  const Fixture fixture(SmallType::bf16);
  LoadedEngine one(fixture.options().integer("max_batch_size", 8));
  const std::vector<Tokens> tokens = one.generate(fixture.jobs);
  for (const int threads : {1, 3, 5}) {
    CAPTURE(threads);
    Options options;
    options.text("model", fixture.folder.path().string()).integer("threads", threads);
    LoadedEngine other(options);
    CHECK(other.generate(fixture.jobs) == tokens);
  }
}

TEST_CASE("preempted requests are recomputed to the same tokens") {
  const Fixture fixture(SmallType::fp32);
  LoadedEngine roomy(fixture.options());
  // Three blocks hold the longest request, but not three of them.
  LoadedEngine narrow(fixture.options().real("cache_max_entry_count", 3));
  const std::vector<Tokens> tokens = narrow.generate(fixture.jobs);
  CHECK(tokens == roomy.generate(fixture.jobs));
  CHECK(narrow.statistic("preemptions") > 0);
  CHECK(roomy.statistic("preemptions") == 0);
}

TEST_CASE("preempted requests of a bf16 model still agree with the reference") {
  const Fixture fixture(SmallType::bf16);
  LoadedEngine narrow(fixture.options().real("cache_max_entry_count", 3));
  const std::vector<Tokens> tokens = narrow.generate(fixture.jobs);
  CHECK(narrow.statistic("preemptions") > 0);
  const ReferenceLlama reference(fixture.model);
  const Agreement agreement =
      compare(reference, fixture.jobs, tokens, tolerance_of(fixture.model.type));
  CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
}

TEST_CASE("a prompt cut over several passes has the tokens of one prefill in fp32") {
  SmallModel model = model_of(SmallType::fp32);
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const std::vector<Job> jobs{{random_prompt(230, model.vocab_size, 1), 20},
                              {random_prompt(200, model.vocab_size, 2), 20},
                              {random_prompt(90, model.vocab_size, 3), 20}};
  LoadedEngine whole(options_for(folder.path()).integer("max_context_token_num", 1024));
  LoadedEngine cut(options_for(folder.path()).integer("max_context_token_num", 256));
  const std::vector<Tokens> tokens = cut.generate(jobs);
  CHECK(tokens == whole.generate(jobs));
  const ReferenceLlama reference(model);
  CHECK(compare(reference, jobs, tokens, tolerance_of(model.type)).wrong == 0);
}
