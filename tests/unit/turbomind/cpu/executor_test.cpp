// The CPU executor as a whole, on a small random model: whatever the threads, the ranks, the kernels
// and the batch, a sequence gets the same tokens.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <thread>

#include "executor_run.hpp"
#include "turbomind/cpu/kernels/isa.hpp"
#include "turbomind/model/dummy_weights.hpp"

using namespace turbomind;
using namespace turbomind::test;

namespace {

// Sizes that divide by 1, 2, 4 and 8 ranks, and fill no tile of the kernels.
Architecture small_architecture() {
  Architecture model;
  model.name = "small";
  model.head_num = 16;
  model.kv_head_num = 8;
  model.size_per_head = 16;
  model.hidden_size = 256;
  model.inter_size = 312;
  model.num_layer = 3;
  model.vocab_size = 509;
  model.norm_eps = 1e-5F;
  model.has_qkv_bias = true;
  model.has_o_bias = true;
  return model;
}

// For three ranks.
Architecture threefold_architecture() {
  Architecture model = small_architecture();
  model.head_num = 12;
  model.kv_head_num = 3;
  model.hidden_size = 192;
  model.inter_size = 240;
  return model;
}

DummyWeights small_model(DataType type = DataType::fp32) {
  return DummyWeights(small_architecture(), type, 7);
}

// Prompts around the borders of pages and splits.
std::vector<Sequence> some_sequences(std::uint32_t new_tokens = 12) {
  std::vector<Sequence> sequences;
  std::uint64_t id = 0;
  for (const std::uint32_t length : {1U, 2U, 17U, 63U, 64U, 65U, 120U, 255U, 256U, 300U}) {
    ++id;
    sequences.push_back(make_sequence(id, make_prompt(length, 509, id), new_tokens));
  }
  return sequences;
}

std::map<std::uint64_t, Tokens> generate(const WeightSource& weights, const RunOptions& options,
                                         const std::vector<Sequence>& sequences) {
  ExecutorRun run(weights, options);
  return run.generate(sequences);
}

std::map<std::uint64_t, Tokens> generate_alone(const WeightSource& weights,
                                               const RunOptions& options,
                                               const std::vector<Sequence>& sequences) {
  ExecutorRun run(weights, options);
  std::map<std::uint64_t, Tokens> tokens;
  for (const Sequence& sequence : sequences) tokens.merge(run.generate({sequence}));
  return tokens;
}

// One sequence joins slot 0, with this page, and decodes once.
StepPlan single_plan(std::uint64_t number, std::uint32_t page) {
  StepPlan plan;
  plan.number = number;
  plan.joins.emplace_back().end_position = 10;
  plan.pages.push_back({.slot = 0, .pages = {page}});
  plan.decode_slots = {0};
  plan.decode_launches = 1;
  return plan;
}

constexpr ExecutorLimits kOnePage{
    .max_slots = 1, .max_sequence_tokens = 64, .max_prefill_tokens = 64, .page_count = 1};

}  // namespace

TEST_CASE("a sequence gets the same tokens alone and in any batch") {
  for (const DataType type : {DataType::fp32, DataType::fp16, DataType::bf16}) {
    const DummyWeights weights = small_model(type);
    const RunOptions options{.threads = 2};
    const std::vector<Sequence> sequences = some_sequences();
    CHECK(generate(weights, options, sequences) == generate_alone(weights, options, sequences));
  }
}

TEST_CASE("a batch beyond what the skinny product takes gives the same tokens as each row alone") {
  const DummyWeights weights = small_model(DataType::bf16);
  std::vector<Sequence> sequences;
  for (std::uint64_t id = 1; id <= 40; ++id) {
    const auto length = static_cast<std::uint32_t>(id * 5 % 37 + 1);
    sequences.push_back(make_sequence(id, make_prompt(length, 509, id), 10));
  }
  const RunOptions options{.threads = 2, .max_slots = 40, .max_prefill_tokens = 256};
  CHECK(generate(weights, options, sequences) == generate_alone(weights, options, sequences));
}

TEST_CASE("the number of threads changes no token") {
  const DummyWeights weights = small_model(DataType::bf16);
  const std::vector<Sequence> sequences = some_sequences();
  const auto expected = generate(weights, {.threads = 1}, sequences);
  for (const std::uint32_t threads : {2U, 3U, 7U}) {
    CHECK(generate(weights, {.threads = threads}, sequences) == expected);
    CHECK(generate_alone(weights, {.threads = threads}, sequences) == expected);
  }
}

TEST_CASE("a long context whose splits are shared by threads gives the same tokens") {
  Architecture model = small_architecture();
  model.kv_head_num = 2;
  const DummyWeights weights(model, DataType::fp32, 7);
  const std::vector<Sequence> sequences{make_sequence(1, make_prompt(1500, 509, 1), 20)};
  RunOptions options{.max_sequence_tokens = 2048, .max_prefill_tokens = 2048};
  const auto expected = generate(weights, options, sequences);
  for (options.threads = 2; options.threads <= 8; ++options.threads) {
    CHECK(generate(weights, options, sequences) == expected);
  }
}

TEST_CASE("every number of ranks gives the same greedy tokens") {
  const std::vector<Sequence> sequences = some_sequences();
  const DummyWeights weights = small_model();
  const auto expected = generate(weights, {}, sequences);
  for (const std::uint32_t ranks : {2U, 4U, 8U}) {
    CHECK(generate(weights, {.ranks = ranks}, sequences) == expected);
  }
  const DummyWeights threefold(threefold_architecture(), DataType::fp32, 7);
  CHECK(generate(threefold, {.ranks = 3, .threads = 2}, sequences) ==
        generate(threefold, {}, sequences));
}

TEST_CASE("every instruction set gives the same greedy tokens") {
  const std::vector<Sequence> sequences = some_sequences();
  const DummyWeights weights = small_model();
  const auto expected = generate(weights, {.isa = "portable"}, sequences);
  for (const Isa isa : supported_isas()) {
    CAPTURE(std::string(name_of(isa)));
    CHECK(generate(weights, {.isa = std::string(name_of(isa))}, sequences) == expected);
  }
}

TEST_CASE("a tied head serves as the embedding, with the same tokens as a copy of it") {
  for (const DataType type : {DataType::fp32, DataType::bf16}) {
    Architecture model = small_architecture();
    model.is_head_tied = true;
    const DummyWeights weights(model, type, 3);
    const std::vector<Sequence> sequences = some_sequences();
    ExecutorRun shared(weights, {});
    ExecutorRun copied(weights, {.ranks = 2});  // a part of the head cannot serve
    CHECK(shared.generate(sequences) == copied.generate(sequences));
    const std::uint64_t embedding = 509ULL * 256 * bytes_of(type);
    CHECK(copied.memory_use().weight_bytes > shared.memory_use().weight_bytes + 2 * embedding);
  }
}

TEST_CASE("a sequence ends at a stop token once it is long enough") {
  const DummyWeights weights = small_model();
  ExecutorRun run(weights, {});
  Sequence sequence = make_sequence(1, make_prompt(20, 509, 1), 30);
  const Tokens whole = run.generate({sequence}).at(1);
  REQUIRE(whole.size() == 30);
  const std::int32_t stop = whole[9];
  const auto first = std::find(whole.begin(), whole.end(), stop) + 1;
  sequence.stop_tokens = {-5, stop};
  CHECK(run.generate({sequence}).at(1) == Tokens(whole.begin(), first));
  sequence.min_new_tokens = 12;
  const auto late = std::find(whole.begin() + 11, whole.end(), stop);
  CHECK(run.generate({sequence}).at(1) ==
        Tokens(whole.begin(), late == whole.end() ? late : late + 1));
}

TEST_CASE("a plan out of order, or with a page that does not exist, is refused") {
  const auto communicators = make_thread_communicators(1);
  const auto executor = make_cpu_executor({.threads = 1}, *communicators[0], nullptr);
  executor->load(small_model(), kOnePage);
  CHECK_THROWS_AS(executor->enqueue(single_plan(2, 0)), lmbench::sdk::Error);
  CHECK_THROWS_AS(executor->enqueue(single_plan(1, 1)), lmbench::sdk::Error);
}

TEST_CASE("abort wakes a rank that waits for another") {
  const auto communicators = make_thread_communicators(2);
  const DummyWeights weights = small_model();
  std::vector<std::unique_ptr<Executor>> executors;
  for (const auto& communicator : communicators) {
    executors.push_back(make_cpu_executor({.threads = 2}, *communicator, nullptr));
  }
  std::thread other([&] { executors[1]->load(weights, kOnePage); });
  executors[0]->load(weights, kOnePage);
  other.join();
  bool has_thrown = false;
  std::thread waiting([&] {
    try {
      executors[0]->enqueue(single_plan(1, 0));  // the other rank never comes
    } catch (const lmbench::sdk::Error& e) {
      has_thrown = e.code() == lmbench::Code::device_error;
    }
  });
  executors[1]->abort();
  waiting.join();
  CHECK(has_thrown);
}

TEST_CASE("unknown instruction sets are refused by name") {
  const auto communicators = make_thread_communicators(1);
  CHECK_THROWS_WITH_AS(make_cpu_executor({.isa = "sse9"}, *communicators[0], nullptr),
                       doctest::Contains("sse9"), lmbench::sdk::Error);
}
