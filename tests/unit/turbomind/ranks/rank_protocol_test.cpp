// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/rank_protocol.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>

#include "../engine/engine_fixture.hpp"

using namespace turbomind;

TEST_CASE("options of every type arrive as they were") {
  Options options;
  options.text("model", "/a b").integer("tp", -4).real("norm_eps", 1e-5);
  const OpenOrder order{.options = own(options.view()), .ranks = 5, .uses_gpus = true};
  const OpenOrder parsed = parse_open_order(serialise(order));
  CHECK(parsed.ranks == 5);
  CHECK(parsed.uses_gpus);
  const std::vector<lmbench::ConfigEntry> entries = view_of(parsed.options);
  REQUIRE(entries.size() == 3);
  CHECK(lmbench::sdk::view(entries[0].text) == "/a b");
  CHECK(entries[1].number.integer == -4);
  CHECK(entries[2].number.real == 1e-5);
}

TEST_CASE("hellos, failures and figures arrive as they were") {
  const Hello hello = parse_hello(serialise(Hello{"build", "secret", 7, Line::life}));
  CHECK(hello.build == "build");
  CHECK(hello.secret == "secret");
  CHECK(hello.rank == 7);
  CHECK(hello.line == Line::life);
  const RankFailure failure =
      parse_rank_failure(serialise(RankFailure{lmbench::Code::out_of_memory, "no room"}));
  CHECK(failure.code == lmbench::Code::out_of_memory);
  CHECK(failure.text == "no room");
  CHECK(parse_memory_use(serialise(MemoryUse{1, 2, 3})).workspace_bytes == 3);
  CHECK(parse_host_memory(serialise(HostMemory{4, 5})).free_bytes == 5);
  const ExecutorLimits limits = parse_executor_limits(serialise(ExecutorLimits{
      .max_slots = 1, .max_sequence_tokens = 2, .max_prefill_tokens = 3, .page_count = 4}));
  CHECK(limits.max_slots == 1);
  CHECK(limits.page_count == 4);
}

TEST_CASE("what is cut off, too long or of another form is refused") {
  std::vector<std::byte> bytes = serialise(Hello{"build", "secret", 7, Line::work});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(parse_hello(std::span(bytes).first(size)), lmbench::sdk::Error);
  }
  bytes.push_back(std::byte{0});
  CHECK_THROWS_AS(parse_hello(bytes), lmbench::sdk::Error);
  std::vector<std::byte> huge(4, std::byte{0xFF});
  CHECK_THROWS_AS(parse_open_order(huge), lmbench::sdk::Error);
}
