// SPDX-License-Identifier: Apache-2.0
#include "process/capacity.hpp"

#include <doctest/doctest.h>

using namespace lmbench::process;
using lmbench::run::Status;
using lmbench::scenario::Case;
using lmbench::scenario::Measure;
using Flags = std::vector<std::string>;

namespace {

Case shape(std::uint32_t concurrency, std::uint32_t prompt, std::uint32_t completion) {
  return {.index = 0,
          .case_id = "x",
          .concurrency = concurrency,
          .prompt_tokens = prompt,
          .completion_tokens = completion};
}

ModelFigures engine() {
  ModelFigures figures;
  figures.kv_block_tokens = 128;
  figures.kv_capacity_tokens = 1000 * 128;
  figures.max_requests = 64;
  figures.max_sequence_tokens = 4096;
  return figures;
}

}  // namespace

TEST_CASE("KV blocks are rounded up per sequence, not for all together") {
  CHECK(demand_of(shape(64, 128, 128), {}, engine()).kv_blocks == 128);
  CHECK(demand_of(shape(64, 128, 129), {}, engine()).kv_blocks == 192);
  CHECK(demand_of(shape(64, 128, 129), {}, engine()).kv_blocks_available == 1000);
}

TEST_CASE("a case with more blocks than the pool runs and is marked") {
  CHECK(capacity_flags(shape(31, 2048, 2048), engine()) == Flags{});
  CHECK(capacity_flags(shape(32, 2048, 2048), engine()) == Flags{"kv_overcommit"});
  CHECK_FALSE(refusal(shape(32, 2048, 2048), engine()));
}

TEST_CASE("a case with more requests than the engine works on at once is marked") {
  CHECK(capacity_flags(shape(65, 8, 8), engine()) == Flags{"slots_overcommit"});
}

TEST_CASE("a prompt of one token has no prefill") {
  CHECK(capacity_flags(shape(1, 1, 8), engine()) == Flags{"no_prefill"});
}

TEST_CASE("an engine without limits is never overcommitted") {
  CHECK(capacity_flags(shape(60000, 8, 1 << 30), ModelFigures{}) == Flags{});
  CHECK_FALSE(refusal(shape(60000, 8, 1 << 30), ModelFigures{}));
}

TEST_CASE("one sequence beyond the KV pool is out of memory and not run") {
  ModelFigures figures = engine();
  figures.kv_capacity_tokens = 512;
  CHECK_FALSE(refusal(shape(1, 256, 256), figures));
  const auto outcome = refusal(shape(1, 256, 257), figures);
  REQUIRE(outcome);
  CHECK(outcome->status == Status::oom);
  CHECK(outcome->reason == "one sequence of 513 tokens does not fit the KV pool of 512 tokens");
}

TEST_CASE("a sequence longer than the engine takes is unsupported and not run") {
  const auto outcome = refusal(shape(1, 4096, 1), engine());
  REQUIRE(outcome);
  CHECK(outcome->status == Status::unsupported);
}

TEST_CASE("the least time is the bytes of all rounds over the read rate") {
  ModelFigures figures;
  figures.weight_bytes_per_step = 100;
  figures.kv_bytes_per_token = 1;
  CHECK_FALSE(demand_of(shape(2, 10, 20), {}, figures).least_time_s);
  figures.read_bytes_per_s = 10;
  Measure measure;
  measure.warmup_rounds = 1;
  measure.test_rounds = 2;
  // 3 rounds of 20 steps, each 100 bytes of weights and 2 sequences of on average 20 tokens
  CHECK(demand_of(shape(2, 10, 20), measure, figures).least_time_s == 3 * 20 * 140 / 10.0);
}

TEST_CASE("where rounds are not given, the least time is of the fewest that can end the case") {
  ModelFigures figures;
  figures.weight_bytes_per_step = 100;
  figures.read_bytes_per_s = 100;  // a step takes a second
  Measure measure;
  const auto least_s = [&](std::uint32_t tokens) {
    return demand_of(shape(1, 1, tokens), measure, figures).least_time_s;
  };
  CHECK(least_s(10) == (1 + 6) * 10 + 6 * 10);
  // Rounds of 200 s: one is longer than the budget, and short rounds have 128 tokens.
  CHECK(least_s(200) == 200 + 200);
  measure.warmup_limits.budget_s = 1000;
  measure.test_limits.budget_s = 1000;
  CHECK(least_s(200) == 200 + 6 * 128 + 1000);
  measure.warmup_limits.max_rounds = 3;
  CHECK(least_s(200) == 200 + 2 * 128 + 1000);
  measure.warmup_rounds = 0;
  CHECK(least_s(200) == 1000);
}
