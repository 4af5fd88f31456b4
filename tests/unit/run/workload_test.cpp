// SPDX-License-Identifier: Apache-2.0
#include "run/workload.hpp"

#include <doctest/doctest.h>

#include "error.hpp"

using namespace lmbench;
using Ids = std::vector<std::int32_t>;

namespace {

scenario::Case shape(std::uint32_t concurrency, std::uint32_t prompt) {
  return {.index = 0,
          .case_id = "01",
          .concurrency = concurrency,
          .prompt_tokens = prompt,
          .completion_tokens = 4};
}

run::Phase test_rounds(std::uint32_t rounds, std::uint32_t completion_tokens) {
  return {.is_warmup = false,
          .first_round = 0,
          .rounds = rounds,
          .completion_tokens = completion_tokens};
}

// As if all requests had been due.
std::string hash_of(run::Workload load) {
  for (auto& request : load.table) request.due_ns = 1;
  Sha256 sum;
  run::hash_prompts(load, sum);
  return sum.hex_digest();
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

TEST_CASE("slots go round by round, and warm-up rounds have prompts of their own") {
  const run::Phase warmup{.is_warmup = true, .first_round = 0, .rounds = 1, .completion_tokens = 4};
  const auto first = run::make_workload(shape(2, 3), warmup, {}, small_prompts());
  const auto second = run::make_workload(shape(2, 3), test_rounds(2, 4), {}, small_prompts());
  REQUIRE(first.requests.size() == 2);
  REQUIRE(second.requests.size() == 4);
  const std::vector<Ids> expected = {{2, 4, 4}, {4, 4, 5}, {1, 2, 5},
                                     {2, 6, 2}, {2, 6, 1}, {2, 5, 5}};
  for (std::uint32_t i = 0; i < 6; ++i) {
    const run::Workload& load = i < 2 ? first : second;
    const std::uint32_t slot = i < 2 ? i : i - 2;
    CHECK(prompt_of(load.requests[slot]) == expected[i]);
    CHECK(load.table[slot].is_warmup == (i < 2 ? 1 : 0));
    CHECK(load.table[slot].round == (i < 4 ? 0 : 1));
    CHECK(load.table[slot].sequence == i % 2);
    CHECK(load.table[slot].prompt_tokens == 3);
    CHECK(load.table[slot].requested_tokens == 4);
  }
}

TEST_CASE("a phase that goes on has the prompts that one phase of all rounds would have") {
  const auto all = run::make_workload(shape(2, 3), test_rounds(3, 4), {}, small_prompts());
  const run::Phase last{.is_warmup = false, .first_round = 2, .rounds = 1, .completion_tokens = 9};
  const auto load = run::make_workload(shape(2, 3), last, {}, small_prompts());
  REQUIRE(load.requests.size() == 2);
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    CHECK(load.table[slot].round == 2);
    CHECK(load.table[slot].requested_tokens == 9);
    CHECK(prompt_of(load.requests[slot]) == prompt_of(all.requests[4 + slot]));
    CHECK(load.requests[slot].max_new_tokens == 9);
    CHECK(load.requests[slot].seed == all.requests[4 + slot].seed);
  }
}

TEST_CASE("requests have a fixed length, whatever the model would end with") {
  const auto load = run::make_workload(shape(1, 3), test_rounds(1, 4), {}, small_prompts());
  const Request& request = load.requests.at(0);
  CHECK(request.struct_size == sizeof(Request));
  CHECK(request.flags == kIgnoreEos);
  CHECK(request.min_new_tokens == 4);
  CHECK(request.max_new_tokens == 4);
}

TEST_CASE("greedy sampling is said in one way, other sampling as it is") {
  const auto request_for = [](const scenario::Sampling& sampling) {
    return run::make_workload(shape(1, 1), test_rounds(1, 1), sampling, small_prompts())
        .requests[0];
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
  const auto load = run::make_workload(shape(2, 3), test_rounds(3, 4), {},
                                       small_prompts(scenario::PromptKind::same));
  CHECK(load.prompts.size() == 3);
  for (const Request& request : load.requests) CHECK(request.prompt.data == load.prompts.data());
}

TEST_CASE("the hash is of the prompts that were due, and of nothing else") {
  const auto load = [](std::uint32_t concurrency, std::uint32_t rounds, std::uint32_t completion) {
    return run::make_workload(shape(concurrency, 3), test_rounds(rounds, completion), {},
                              small_prompts());
  };
  CHECK(hash_of(load(2, 1, 4)) == hash_of(load(2, 1, 9)));
  CHECK(hash_of(load(2, 1, 4)) != hash_of(load(3, 1, 4)));
  // sha256 of 1 2 5, 2 6 2, 2 6 1, 2 5 5 as little-endian int32.
  CHECK(hash_of(load(2, 2, 4)) ==
        "b06e823568874b7332905b76c85fe353fab4d9805b9bc35ee57804de00d97945");
  run::Workload half = load(2, 2, 4);
  for (std::uint32_t slot = 0; slot < 2; ++slot) half.table[slot].due_ns = 1;
  Sha256 sum;
  run::hash_prompts(half, sum);
  CHECK(sum.hex_digest() == hash_of(load(2, 1, 4)));
}

TEST_CASE("a phase beyond what can be recorded is refused before any memory is taken") {
  const scenario::Case huge{.index = 0,
                            .case_id = "01",
                            .concurrency = 65536,
                            .prompt_tokens = 1,
                            .completion_tokens = 16'777'216};
  CHECK(run::most_rounds(huge, huge.completion_tokens) == 0);
  CHECK_THROWS_AS(
      run::make_workload(huge, test_rounds(1, huge.completion_tokens), {}, small_prompts()), Error);
  CHECK(run::most_rounds(shape(2, 3), 4) == 0xffff'ffffU / 6 / 2);
}
