// What the engine generates on GPUs: what it generates on the CPU.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <vector>

#include "gpu_engine.hpp"

using namespace turbomind;
using namespace turbomind::test;

namespace {

// Prompts of one token, within a page, across pages, and together more than the skinny product takes.
std::vector<Job> greedy_jobs(std::uint32_t vocab_size, std::uint32_t new_tokens) {
  return {{random_prompt(1, vocab_size, 1), new_tokens},
          {random_prompt(30, vocab_size, 2), new_tokens},
          {random_prompt(66, vocab_size, 3), new_tokens},
          {random_prompt(9, vocab_size, 4), new_tokens == 20 ? 70 : new_tokens}};
}

void check_against_cpu(const SmallModel& model, const std::vector<Job>& jobs,
                       const std::vector<std::uint32_t>& all_ranks) {
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const ReferenceLlama reference(model);
  LoadedEngine cpu(options_for(folder.path()));
  const std::vector<Tokens> expected = cpu.generate(jobs);
  // Every step of the text is decided by more than rounding could change, or equality would be luck.
  const Agreement margin = compare(reference, jobs, expected, tolerance_of(model.type));
  CHECK_MESSAGE(margin.wrong == 0, margin.first_wrong);
  CHECK(margin.clear == margin.steps);
  for (const std::uint32_t ranks : all_ranks) {
    CAPTURE(ranks);
    const FakeMachine machine;
    LoadedEngine gpu(make_engine, on_gpu(options_for(folder.path()).integer("tp", ranks)));
    CHECK(gpu.generate(jobs) == expected);
  }
}

// Where sampled tokens are near ties of the reference at times: none may be wrong.
void check_against_reference(const SmallModel& model, const std::vector<Job>& jobs,
                             const Options& options) {
  const ReferenceLlama reference(model);
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, on_gpu(options));
  const Agreement agreement =
      compare(reference, jobs, gpu.generate(jobs), tolerance_of(model.type));
  CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
  CHECK(agreement.clear_share() > 0.9);
}

}  // namespace

TEST_CASE("greedy tokens on one, two and four GPUs are those of the CPU") {
  SmallModel model = gpu_model();
  model.seed = 12;
  model.has_qkv_bias = true;
  model.has_o_bias = true;
  check_against_cpu(model, greedy_jobs(model.vocab_size, 20), {1, 2, 4});
}

TEST_CASE("query heads may share keys, and the head may be the embedding") {
  SmallModel model = gpu_model(2);
  model.is_tied = true;
  check_against_cpu(model, greedy_jobs(model.vocab_size, 20), {1, 2});
}

TEST_CASE("bf16 is a type, and head size 128 a size") {
  SmallModel model = gpu_model(1);
  model.type = SmallType::bf16;
  check_against_cpu(model, greedy_jobs(model.vocab_size, 12), {1});
  SmallModel wide = gpu_model(1);
  wide.heads = 2;
  wide.head_size = 128;
  wide.seed = 3;
  check_against_cpu(wide, greedy_jobs(wide.vocab_size, 12), {1});
}

TEST_CASE("sampled tokens are those of the definition, on any number of GPUs") {
  const SmallModel model = gpu_model();
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const Tokens prompt = random_prompt(9, model.vocab_size, 4);
  const std::vector<Job> jobs = {
      {prompt, 12, {.temperature = 0.9, .seed = 5}},
      {prompt, 12, {.temperature = 1, .top_k = 7, .seed = 6}},
      {prompt, 12, {.temperature = 1.3, .top_p = 0.8, .seed = 7}},
      {random_prompt(2, model.vocab_size, 5), 12, {.temperature = 1.3, .seed = 8}}};
  for (const std::uint32_t ranks : {1U, 2U}) {
    CAPTURE(ranks);
    check_against_reference(model, jobs, options_for(folder.path()).integer("tp", ranks));
    // Without the draws that need all logits, ranks exchange candidates alone.
    check_against_reference(model, {jobs[0], jobs[3]},
                            options_for(folder.path()).integer("tp", ranks));
  }
}

TEST_CASE("stop tokens end sequences on the device") {
  SmallModel model = gpu_model();
  model.seed = 12;
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const Tokens prompt = random_prompt(30, model.vocab_size, 2);
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, on_gpu(options_for(folder.path())));
  const Tokens all = gpu.generate({prompt, 20});
  const std::size_t place = 7;
  const auto first = std::find(all.begin(), all.end(), all[place]) - all.begin();
  Job stopping{prompt, 20};
  stopping.stop_tokens = {all[place]};
  CHECK(gpu.generate(stopping) == Tokens(all.begin(), all.begin() + first + 1));
  stopping.min_new_tokens = 20;
  CHECK(gpu.generate(stopping) == all);
}

TEST_CASE("prompts in several chunks, and a batch of more rows than the skinny product takes") {
  const SmallModel model = gpu_model();
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  std::vector<Job> jobs;
  for (std::uint32_t i = 0; i < 70; ++i) {
    jobs.push_back({random_prompt(1 + i % 5, model.vocab_size, i), 3});
  }
  jobs.push_back({random_prompt(150, model.vocab_size, 99), 3});
  check_against_reference(model, jobs,
                          options_for(folder.path())
                              .integer("max_batch_size", 80)
                              .integer("session_len", 160)
                              .integer("max_context_token_num", 160));
}
