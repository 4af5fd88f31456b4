// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/persistent_batch.hpp"

#include <doctest/doctest.h>

#include "batch_run.hpp"

using namespace turbomind;

namespace {

constexpr std::uint32_t kLengths[] = {0, 3, 4, 2, 3, 4, 2};
constexpr BatchLimits kRoomy{
    .max_slots = 4, .max_prefill_tokens = 256, .block_tokens = 64, .block_count = 64};

}  // namespace

TEST_CASE("a prompt is prefilled in one pass that samples, then decoded") {
  BatchRun run(kRoomy);
  const Sequence sequence = make_sequence(1, 10, 5);
  REQUIRE(run.batch.submit(sequence));
  REQUIRE(run.step());
  REQUIRE(run.plan.prefills.size() == 1);
  CHECK(run.plan.prefills[0].samples);
  CHECK(run.plan.prefills[0].tokens == sequence.prompt);
  CHECK(run.plan.decode_launches == 0);
  REQUIRE(run.step());
  CHECK(run.plan.prefills.empty());
  CHECK(run.plan.joins.empty());
  CHECK(run.plan.decode_launches == 4);
  CHECK_FALSE(run.step());
  CHECK(run.tokens[1] == alone(sequence));
  CHECK(run.ends[1] == std::vector{SequenceEnd::length});
  CHECK(run.batch.counters().steps == 5);
  CHECK(run.batch.counters().prefill_tokens == 10);
  CHECK(run.batch.counters().decode_tokens == 4);
}

TEST_CASE("a prompt of one token joins the decode batch without a prefill") {
  BatchRun run(kRoomy);
  const Sequence sequence = make_sequence(1, 1, 3);
  run.batch.submit(sequence);
  REQUIRE(run.step());
  CHECK(run.plan.prefills.empty());
  CHECK(run.plan.decode_slots == std::vector<std::uint32_t>{0});
  CHECK(run.plan.joins[0].next_position == 0);
  run.run();
  CHECK(run.tokens[1] == alone(sequence));
}

TEST_CASE("prompts wait in order of arrival for a free slot") {
  BatchRun run({.max_slots = 2, .max_prefill_tokens = 256, .block_count = 64});
  for (std::uint64_t id = 1; id <= 6; ++id) run.batch.submit(make_sequence(id, 3, kLengths[id]));
  run.run();
  CHECK(run.batch.counters().queue_peak == 4);
  REQUIRE(run.admitted.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) CHECK(run.admitted[i].first == i + 1);
  for (std::size_t i = 1; i < 6; ++i) CHECK(run.admitted[i].second >= run.admitted[i - 1].second);
  for (std::uint64_t id = 1; id <= 6; ++id) {
    CHECK(run.tokens[id] == alone(make_sequence(id, 3, kLengths[id])));
  }
}

TEST_CASE("prefills go by ascending length, and one at most is cut") {
  BatchRun run({.max_slots = 4, .max_prefill_tokens = 100, .block_count = 64});
  run.batch.submit(make_sequence(1, 90, 2));
  run.batch.submit(make_sequence(2, 30, 2));
  run.batch.submit(make_sequence(3, 50, 2));
  REQUIRE(run.step());
  REQUIRE(run.plan.prefills.size() == 3);
  CHECK(run.plan.prefills[0].tokens.size() == 30);
  CHECK(run.plan.prefills[1].tokens.size() == 50);
  CHECK(run.plan.prefills[2].tokens.size() == 20);
  CHECK_FALSE(run.plan.prefills[2].samples);
  run.batch.submit(make_sequence(4, 5, 2));
  REQUIRE(run.step());
  REQUIRE(run.plan.prefills.size() == 2);
  CHECK(run.plan.prefills[0].first_position == 20);  // the cut one first, though it is the longest
  CHECK(run.plan.prefills[0].tokens.size() == 70);
  CHECK(run.plan.prefills[1].tokens.size() == 5);
  run.run();
  for (const auto& [id, length] : {std::pair{1U, 90U}, {2U, 30U}, {3U, 50U}, {4U, 5U}}) {
    CHECK(run.tokens[id] == alone(make_sequence(id, length, 2)));
  }
}

TEST_CASE("a prompt longer than one pass is prefilled over several plans") {
  BatchRun run({.max_slots = 1, .max_prefill_tokens = 64, .block_count = 64});
  const Sequence sequence = make_sequence(1, 200, 3);
  run.batch.submit(sequence);
  for (int i = 0; i < 4; ++i) REQUIRE(run.step());
  CHECK(run.plan.prefills[0].tokens.size() == 8);
  CHECK(run.plan.prefills[0].samples);
  CHECK(run.batch.counters().steps == 4);
  run.run();
  CHECK(run.tokens[1] == alone(sequence));
}

TEST_CASE("while prompts wait a plan is one decode step, else up to four") {
  BatchRun run({.max_slots = 1, .max_prefill_tokens = 64, .block_count = 64});
  run.batch.submit(make_sequence(1, 2, 20));
  run.step();
  run.step();
  CHECK(run.plan.decode_launches == 4);
  run.batch.submit(make_sequence(2, 2, 1));
  run.step();
  CHECK(run.plan.decode_launches == 1);
}

TEST_CASE("all blocks up to the end are taken at once when everything fits") {
  BatchRun run({.max_slots = 2, .max_prefill_tokens = 256, .block_count = 6});
  run.batch.submit(make_sequence(1, 10, 150));
  run.batch.submit(make_sequence(2, 10, 150));
  run.step();
  CHECK(run.batch.pool().used_blocks() == 6);
  run.run();
  CHECK(run.batch.counters().preemptions == 0);
  CHECK(run.batch.pool().used_blocks() == 0);
  CHECK(run.batch.pool().peak_used_blocks() == 6);
}

TEST_CASE("when blocks run out the youngest is preempted and later gives the same tokens") {
  BatchRun run({.max_slots = 3, .max_prefill_tokens = 256, .block_count = 5});
  for (std::uint64_t id = 1; id <= 3; ++id) run.batch.submit(make_sequence(id, 40, 200));
  run.run();
  CHECK(run.batch.counters().preemptions > 0);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    CHECK(run.tokens[id] == alone(make_sequence(id, 40, 200)));
    CHECK(run.ends[id] == std::vector{SequenceEnd::length});
  }
  std::vector<std::uint64_t> order;
  for (const Delivery& delivery : run.deliveries) {
    if (delivery.end != SequenceEnd::none) order.push_back(delivery.id);
  }
  CHECK(order == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("a sequence that the pool cannot hold even alone is not taken") {
  BatchRun run({.max_slots = 2, .max_prefill_tokens = 256, .block_count = 2});
  CHECK_FALSE(run.batch.submit(make_sequence(1, 100, 29)));
  CHECK(run.batch.submit(make_sequence(2, 100, 28)));
  run.run();
  CHECK(run.tokens[2].size() == 28);
}

TEST_CASE("blocks of several pages give each page to one sequence only") {
  BatchRun run({.max_slots = 3, .max_prefill_tokens = 512, .block_tokens = 192, .block_count = 4});
  for (std::uint64_t id = 1; id <= 3; ++id) run.batch.submit(make_sequence(id, 100, 180));
  run.run();
  for (std::uint64_t id = 1; id <= 3; ++id) {
    CHECK(run.tokens[id] == alone(make_sequence(id, 100, 180)));
  }
}

TEST_CASE("a stop token ends a sequence, but not before the least length") {
  Sequence sequence = make_sequence(1, 5, 50);
  sequence.min_new_tokens = 0;
  const std::int32_t third = alone(sequence)[2];
  sequence.stop_tokens = {third};
  BatchRun run(kRoomy);
  run.batch.submit(sequence);
  run.run();
  CHECK(run.tokens[1].size() == 3);
  CHECK(run.ends[1] == std::vector{SequenceEnd::stop});
  CHECK(run.batch.pool().used_blocks() == 0);

  sequence.id = 2;
  sequence.min_new_tokens = 3;
  run.batch.submit(sequence);
  run.run();
  CHECK(run.tokens[2].size() == 3);

  sequence.id = 3;
  sequence.min_new_tokens = 4;
  run.batch.submit(sequence);
  run.run();
  CHECK(run.tokens[3].size() > 3);
}

TEST_CASE("a cancelled sequence ends once, waiting or running, and frees what it had") {
  BatchRun run({.max_slots = 1, .max_prefill_tokens = 64, .block_count = 8});
  run.batch.submit(make_sequence(1, 5, 100));
  run.batch.submit(make_sequence(2, 5, 3));
  run.batch.submit(make_sequence(3, 5, 3));
  run.step();
  std::vector<Delivery> ended;
  run.batch.cancel(2, ended);
  run.batch.cancel(1, ended);
  run.batch.cancel(1, ended);
  run.batch.cancel(77, ended);
  REQUIRE(ended.size() == 2);
  CHECK(ended[0].id == 2);
  CHECK(ended[0].is_first);
  CHECK(ended[0].admitted_ns == 0);
  CHECK(ended[1].id == 1);
  CHECK_FALSE(ended[1].is_first);
  CHECK(ended[1].end == SequenceEnd::cancelled);
  CHECK(run.batch.pool().used_blocks() == 0);
  run.run();
  CHECK(run.tokens[3] == alone(make_sequence(3, 5, 3)));
  CHECK(run.tokens[2].empty());
}

TEST_CASE("cancelling everything leaves the batch idle") {
  BatchRun run({.max_slots = 2, .max_prefill_tokens = 64, .block_count = 8});
  for (std::uint64_t id = 1; id <= 5; ++id) run.batch.submit(make_sequence(id, 5, 100));
  run.step();
  std::vector<Delivery> ended;
  run.batch.cancel_all(ended);
  CHECK(ended.size() == 5);
  CHECK(run.batch.is_idle());
  CHECK_FALSE(run.step());
  CHECK(run.batch.pool().used_blocks() == 0);
}

TEST_CASE("counters start anew when they are reset") {
  BatchRun run(kRoomy);
  run.batch.submit(make_sequence(1, 5, 3));
  run.run();
  run.batch.reset_counters();
  CHECK(run.batch.counters().steps == 0);
  CHECK(run.batch.counters().queue_peak == 0);
  CHECK(run.batch.pool().peak_used_blocks() == 0);
}

TEST_CASE("tokens that do not fit the plan are an error, not a result") {
  PersistentBatch batch(kRoomy);
  StepPlan plan;
  std::vector<Delivery> deliveries;
  batch.submit(make_sequence(1, 5, 3));
  REQUIRE(batch.next_plan(1, plan));
  const SampledToken early{.slot = 0, .token = 1, .is_stopped = false, .is_at_length = true};
  CHECK_THROWS(batch.on_pass({plan.number, 0, 0, true, {&early, 1}}, deliveries));
  CHECK_THROWS(batch.on_pass({plan.number + 1, 0, 0, true, {}}, deliveries));
}
