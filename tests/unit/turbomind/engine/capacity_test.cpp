// SPDX-License-Identifier: Apache-2.0
#include "turbomind/capacity.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>

using namespace turbomind;
using lmbench::Code;

namespace {

// 1 MiB per KV token would be much; 1 KiB makes a block of 64 tokens 64 KiB.
CapacityInput small_machine() {
  CapacityInput input;
  input.max_position_embeddings = 2048;
  input.total_bytes = 1U << 30U;
  input.free_bytes = 1U << 29U;
  input.weight_bytes = 1U << 26U;
  input.workspace_bytes = [](const Capacity& capacity) {
    return std::uint64_t{1U << 10U} * capacity.max_context_token_num;
  };
  input.kv_bytes_per_token = 1U << 10U;
  return input;
}

std::string refusal(const CapacityInput& input, Code code) {
  try {
    plan_capacity(input);
  } catch (const lmbench::sdk::Error& e) {
    CHECK(e.code() == code);
    return e.what();
  }
  FAIL("it was not refused");
  return {};
}

}  // namespace

TEST_CASE("without a config.ini slots and blocks are what the plan needs") {
  CapacityInput input = small_machine();
  input.hints = {.max_requests = 16, .max_sequence_tokens = 200};
  const Capacity capacity = plan_capacity(input);
  CHECK(capacity.session_len == 2048);
  CHECK(capacity.max_batch_size == 16);
  CHECK(capacity.block_tokens == 64);
  CHECK(capacity.block_count == 16 * 4);
  CHECK(capacity.max_context_token_num == 2048);
  CHECK(capacity.warnings.empty());
}

TEST_CASE("without a config.ini the pool takes at most what is free after the weights") {
  CapacityInput input = small_machine();
  input.hints = {.max_requests = 10000, .max_sequence_tokens = 2048};
  input.options.max_context_token_num = 16384;
  const Capacity capacity = plan_capacity(input);
  const std::uint64_t room = (1U << 29U) - (1U << 26U) - 16384 * 1024;
  CHECK(capacity.block_count == room / (64 * 1024));
}

TEST_CASE("with a config.ini the pool is a share of the total memory, or of the free") {
  CapacityInput input = small_machine();
  input.has_config_ini = true;
  input.hints = {.max_requests = 3, .max_sequence_tokens = 200};
  input.model.session_len = 100000;
  input.model.cache_max_entry_count = 0.25;
  Capacity capacity = plan_capacity(input);
  CHECK(capacity.max_batch_size == 64);
  CHECK(capacity.block_tokens == 128);
  CHECK(capacity.block_count == (1U << 28U) / (128 * 1024));
  input.shares_free_memory = true;
  capacity = plan_capacity(input);
  const std::uint64_t room = (1U << 29U) - (1U << 26U) - 100000 * 1024;
  CHECK(capacity.block_count == room / 4 / (128 * 1024));
}

TEST_CASE("a share takes no more blocks than the slots can ever use") {
  CapacityInput input = small_machine();
  input.has_config_ini = true;
  input.model = {.session_len = 300, .max_batch_size = 4, .cache_block_seq_len = 128};
  CHECK(plan_capacity(input).block_count == 4 * 3);
}

TEST_CASE("cache_max_entry_count from 1 on is a number of blocks") {
  CapacityInput input = small_machine();
  input.model.cache_max_entry_count = 40;
  CHECK(plan_capacity(input).block_count == 40);
  input.options.cache_max_entry_count = 7;
  CHECK(plan_capacity(input).block_count == 7);
}

TEST_CASE("a pool that does not fit is out of memory, with all figures") {
  CapacityInput input = small_machine();
  input.options.cache_max_entry_count = 100000;
  const std::string text = refusal(input, Code::out_of_memory);
  CAPTURE(text);
  for (const char* figure : {"100000 blocks of 64 tokens (6250 MiB)", "weights 64 MiB",
                             "workspace 2 MiB", "free 512 MiB of 1024 MiB"}) {
    CHECK(text.find(figure) != std::string::npos);
  }
  input = small_machine();
  input.weight_bytes = 1U << 30U;
  refusal(input, Code::out_of_memory);
}

TEST_CASE("session_len is raised to the longest sequence of the plan, unless it is said") {
  CapacityInput input = small_machine();
  input.model.session_len = 256;
  input.hints = {.max_requests = 1, .max_sequence_tokens = 1000};
  Capacity capacity = plan_capacity(input);
  CHECK(capacity.session_len == 1000);
  REQUIRE(capacity.warnings.size() == 1);
  CHECK(capacity.warnings[0].find("from 256 to 1000") != std::string::npos);
  input.options.session_len = 512;
  capacity = plan_capacity(input);
  CHECK(capacity.session_len == 512);
  CHECK(capacity.warnings.empty());
}

TEST_CASE("a session beyond the trained length is a warning") {
  CapacityInput input = small_machine();
  input.options.session_len = 4096;
  const Capacity capacity = plan_capacity(input);
  REQUIRE(capacity.warnings.size() == 1);
  CHECK(capacity.warnings[0].find("trained length of 2048") != std::string::npos);
}

TEST_CASE("a small max_context_token_num counts sessions, a large one tokens") {
  CapacityInput input = small_machine();
  input.options.session_len = 128;
  input.options.max_batch_size = 8;
  input.options.max_context_token_num = 3;
  CHECK(plan_capacity(input).max_context_token_num == 3 * 128);
  input.options.max_context_token_num = 500;
  CHECK(plan_capacity(input).max_context_token_num == 500);
  input.options.max_context_token_num = 0;
  CHECK(plan_capacity(input).max_context_token_num == 128);
  input.options.max_context_token_num = 100;
  CHECK(refusal(input, Code::invalid_argument).find("session_len (128)") != std::string::npos);
  input.options.max_context_token_num = 0;
  input.model.max_context_token_num = 100;
  const Capacity raised = plan_capacity(input);
  CHECK(raised.max_context_token_num == 128);
  CHECK(raised.warnings.size() == 1);
}

TEST_CASE("a pass takes a session, but without a config.ini no more than the plan or 8192") {
  CapacityInput input = small_machine();
  input.options.session_len = 32768;
  input.total_bytes = std::uint64_t{1} << 40U;
  input.free_bytes = input.total_bytes;
  CHECK(plan_capacity(input).max_context_token_num == 8192);
  input.hints = {.max_requests = 4, .max_sequence_tokens = 192};
  CHECK(plan_capacity(input).max_context_token_num == 768);
  input.hints = {.max_requests = 100, .max_sequence_tokens = 2};
  CHECK(plan_capacity(input).max_context_token_num == 200);
  input.has_config_ini = true;
  CHECK(plan_capacity(input).max_context_token_num == 32768);
}

TEST_CASE("blocks that are no whole pages are not supported") {
  CapacityInput input = small_machine();
  input.options.cache_block_seq_len = 96;
  CHECK(refusal(input, Code::unsupported).find("multiple of 64") != std::string::npos);
}
