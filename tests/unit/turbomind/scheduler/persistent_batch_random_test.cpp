// Random requests, arrivals and cancellations against what each sequence gives alone. The seed is
// printed; LMBENCH_TEST_SEED takes one back.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "batch_run.hpp"

using namespace turbomind;

namespace {

struct World {
  explicit World(std::uint64_t seed)
      : random(seed),
        limits{.max_slots = pick(1, 6),
               .max_prefill_tokens = pick(1, 200),
               .block_tokens = kPageTokens * pick(1, 2),
               .block_count = pick(2, 12)},
        run(limits) {}

  std::uint32_t pick(std::uint32_t least, std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(least, most)(random);
  }

  void submit() {
    Sequence sequence = make_sequence(++last_id, pick(1, 150), pick(1, 120));
    sequence.min_new_tokens = pick(0, sequence.max_new_tokens);
    const std::uint32_t stops = pick(0, 8);
    for (std::uint32_t i = 0; i < stops; ++i) {
      sequence.stop_tokens.push_back(static_cast<std::int32_t>(pick(0, kFakeVocabSize - 1)));
    }
    if (run.batch.submit(sequence)) {
      taken.emplace(sequence.id, sequence);
    } else {
      CHECK(run.batch.blocks_for(sequence.prompt.size() + sequence.max_new_tokens) >
            limits.block_count);
    }
  }

  void cancel() {
    std::vector<Delivery> ended;
    const std::uint64_t id = pick(1, static_cast<std::uint32_t>(last_id) + 1);
    run.batch.cancel(id, ended);
    CHECK(ended.size() <= 1);
    for (const Delivery& delivery : ended) run.ends[delivery.id].push_back(delivery.end);
  }

  void check_end() {
    CHECK(run.batch.is_idle());
    CHECK(run.batch.pool().used_blocks() == 0);
    std::uint64_t last_admission = 0;
    std::map<std::uint64_t, std::uint64_t> admitted(run.admitted.begin(), run.admitted.end());
    for (const auto& [id, when] : admitted) {  // in order of arrival
      CHECK(when >= last_admission);
      last_admission = when;
    }
    for (const auto& [id, sequence] : taken) {
      REQUIRE(run.ends[id].size() == 1);
      const std::vector<std::int32_t> expected = alone(sequence);
      const std::vector<std::int32_t>& got = run.tokens[id];
      if (run.ends[id][0] != SequenceEnd::cancelled) {
        CHECK(got == expected);
      } else {
        REQUIRE(got.size() <= expected.size());
        CHECK(std::equal(got.begin(), got.end(), expected.begin()));
      }
    }
    CHECK(run.ends.size() == taken.size());
  }

  std::mt19937_64 random;
  BatchLimits limits;
  BatchRun run;
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, Sequence> taken;
};

void check_world(std::uint64_t seed, std::uint64_t& preemptions) {
  CAPTURE(seed);
  World world(seed);
  for (int i = 0; i < 60; ++i) {
    for (std::uint32_t n = world.pick(0, 2); n > 0; --n) world.submit();
    if (world.pick(0, 9) == 0 && world.last_id > 0) world.cancel();
    world.run.step();
    CHECK(world.run.batch.running() <= world.limits.max_slots);
    std::size_t cut = 0;
    for (const PrefillChunk& chunk : world.run.plan.prefills) cut += chunk.samples ? 0 : 1;
    CHECK(cut <= 1);
  }
  world.run.run();
  world.check_end();
  preemptions += world.run.batch.counters().preemptions;
}

}  // namespace

TEST_CASE("whatever comes, each sequence ends once with the tokens it has alone") {
  const char* given = std::getenv("LMBENCH_TEST_SEED");
  const std::uint64_t first = given != nullptr ? std::stoull(given) : 20240601;
  const std::uint64_t worlds = given != nullptr ? 1 : 150;
  std::uint64_t preemptions = 0;
  for (std::uint64_t i = 0; i < worlds; ++i) check_world(first + i, preemptions);
  MESSAGE("first seed " << first << ", " << worlds << " worlds, " << preemptions << " preemptions");
  if (given == nullptr) CHECK(preemptions > 0);
}
