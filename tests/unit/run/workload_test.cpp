// SPDX-License-Identifier: Apache-2.0
#include "run/workload.hpp"

#include <doctest/doctest.h>

#include "error.hpp"

using namespace lmbench;
using Ids = std::vector<std::int32_t>;

namespace {

scenario::Case shape(std::uint32_t concurrency, std::uint32_t prompt, std::uint32_t completion) {
  return {.index = 0,
          .case_id = "01",
          .concurrency = concurrency,
          .prompt_tokens = prompt,
          .completion_tokens = completion};
}

scenario::Measure rounds(std::uint32_t warmup, std::uint32_t test) {
  scenario::Measure measure;
  measure.warmup_rounds = warmup;
  measure.test_rounds = test;
  return measure;
}

run::PromptMaker small_prompts(scenario::PromptKind kind = scenario::PromptKind::distinct) {
  scenario::Prompts order;
  order.kind = kind;
  order.seed = 1;
  order.exclude = {7};
  return {order, run::Vocabulary{8, {0, 3}}};
}

Ids prompt_of(const Request& request) {
  return {request.prompt.data, request.prompt.data + request.prompt.size};
}

}  // namespace

TEST_CASE("slots go round by round, warm-up first") {
  const auto load = run::make_workload(shape(2, 3, 4), rounds(1, 2), {}, small_prompts());
  REQUIRE(load.requests.size() == 6);
  REQUIRE(load.table.size() == 6);
  const std::vector<Ids> expected = {{2, 4, 4}, {4, 4, 5}, {1, 2, 5},
                                     {2, 6, 2}, {2, 6, 1}, {2, 5, 5}};
  for (std::uint32_t slot = 0; slot < 6; ++slot) {
    CHECK(prompt_of(load.requests[slot]) == expected[slot]);
    CHECK(load.table[slot].is_warmup == (slot < 2 ? 1 : 0));
    CHECK(load.table[slot].round == (slot < 4 ? 0 : 1));
    CHECK(load.table[slot].sequence == slot % 2);
    CHECK(load.table[slot].prompt_tokens == 3);
    CHECK(load.table[slot].requested_tokens == 4);
  }
  CHECK(load.prompts_sha256 == "3b953af0ceecd2de352c4a63b3f62c11896d0713c78319cfc40a878e2f2038e5");
}

TEST_CASE("requests have a fixed length, whatever the model would end with") {
  const auto load = run::make_workload(shape(1, 3, 4), rounds(0, 1), {}, small_prompts());
  const Request& request = load.requests.at(0);
  CHECK(request.struct_size == sizeof(Request));
  CHECK(request.flags == kIgnoreEos);
  CHECK(request.min_new_tokens == 4);
  CHECK(request.max_new_tokens == 4);
}

TEST_CASE("greedy sampling is said in one way, other sampling as it is") {
  const auto request_for = [](const scenario::Sampling& sampling) {
    return run::make_workload(shape(1, 1, 1), rounds(0, 1), sampling, small_prompts()).requests[0];
  };
  for (const scenario::Sampling& greedy :
       {scenario::Sampling{1, 0.5F, 0.7F}, scenario::Sampling{40, 0.5F, 0.0F}}) {
    const Request request = request_for(greedy);
    CHECK(request.temperature == 0.0F);
    CHECK(request.top_k == 1);
    CHECK(request.top_p == 1.0F);
  }
  const Request request = request_for({40, 0.5F, 0.7F});
  CHECK(request.temperature == 0.7F);
  CHECK(request.top_k == 40);
  CHECK(request.top_p == 0.5F);
  CHECK(request.seed == small_prompts().sampling_seed(0, 0));
}

TEST_CASE("a shared prompt is kept once") {
  const auto load = run::make_workload(shape(2, 3, 4), rounds(1, 2), {},
                                       small_prompts(scenario::PromptKind::same));
  CHECK(load.prompts.size() == 3);
  for (const Request& request : load.requests) CHECK(request.prompt.data == load.prompts.data());
}

TEST_CASE("the hash tells workloads apart by prompts alone") {
  const auto hash = [](std::uint32_t concurrency, std::uint32_t completion) {
    return run::make_workload(shape(concurrency, 3, completion), rounds(0, 1), {}, small_prompts())
        .prompts_sha256;
  };
  CHECK(hash(2, 4) == hash(2, 9));
  CHECK(hash(2, 4) != hash(3, 4));
}

TEST_CASE("a case beyond what can be recorded is refused before any memory is taken") {
  CHECK_THROWS_AS(
      run::make_workload(shape(65536, 1, 16'777'216), rounds(0, 1'000'000), {}, small_prompts()),
      Error);
}
