// The same model on one rank and on several: tokens are the reference's on any number.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::test::TemporaryFolder;

namespace {

std::vector<Job> jobs_for(const SmallModel& model) {
  return {
      {random_prompt(1, model.vocab_size, 1), 20},
      {random_prompt(30, model.vocab_size, 2), 20},
      {random_prompt(66, model.vocab_size, 3), 20},
      {random_prompt(9, model.vocab_size, 4), 20, {.temperature = 0.9, .seed = 5}},
      {random_prompt(9, model.vocab_size, 4), 20, {.temperature = 1, .top_k = 7, .seed = 6}},
      {random_prompt(9, model.vocab_size, 4), 20, {.temperature = 1.3, .top_p = 0.8, .seed = 7}}};
}

void check_ranks(const SmallModel& model, std::initializer_list<std::uint32_t> all_ranks) {
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const ReferenceLlama reference(model);
  const std::vector<Job> jobs = jobs_for(model);
  std::vector<Tokens> of_one;
  for (const std::uint32_t ranks : all_ranks) {
    CAPTURE(ranks);
    LoadedEngine engine(options_for(folder.path()).integer("tp", ranks));
    const std::vector<Tokens> tokens = engine.generate(jobs);
    const Agreement agreement = compare(reference, jobs, tokens, tolerance_of(model.type));
    CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
    if (model.type != SmallType::fp32) continue;
    // Nothing but rounding differs, and no step of these is close.
    CHECK(agreement.clear == agreement.steps);
    if (of_one.empty()) of_one = tokens;
    CHECK(tokens == of_one);
  }
}

SmallModel model_of(std::uint32_t heads, std::uint32_t kv_heads, SmallType type) {
  SmallModel model;
  model.heads = heads;
  model.kv_heads = kv_heads;
  model.head_size = 4;
  model.inter_size = 96;
  model.vocab_size = 101;  // a prime: padded for every tp but 1
  model.type = type;
  return model;
}

}  // namespace

TEST_CASE("one, two, three, four and eight ranks generate the same tokens") {
  SmallModel model = model_of(24, 24, SmallType::fp32);
  check_ranks(model, {1, 2, 3, 4, 8});
  model.has_qkv_bias = model.has_o_bias = true;  // that of o must be added once, not once per rank
  check_ranks(model, {1, 2, 8});
}

TEST_CASE("ranks share KV heads of grouped queries, and a tied head") {
  SmallModel model = model_of(12, 6, SmallType::fp32);
  model.is_tied = true;
  model.seed = 2;
  check_ranks(model, {1, 2, 3, 6});
}

TEST_CASE("several ranks agree with the reference in fp16 and bf16 too") {
  check_ranks(model_of(24, 24, SmallType::fp16), {2, 3, 8});
  check_ranks(model_of(12, 6, SmallType::bf16), {2, 3, 6});
}
