// The measuring loop is between two time stamps of a benchmark: from the first release of a round
// to the last end it must not call the allocator, neither in the driver nor in the recorder. The
// null engine allocates nothing of its own.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "allocation_count.hpp"
#include "run/driver.hpp"

LMBENCH_EXPORT const lmbench::PluginDescriptor lmbench_plugin_v1;

namespace {

using namespace lmbench;

struct Measured {
  std::uint64_t allocations;
  bool was_stopped;
  std::size_t events;
};

Measured measure(scenario::RoundMode mode) {
  run::EventRecorder recorder;
  const plugin::EngineHandle engine(lmbench_plugin_v1.create(nullptr, nullptr));
  REQUIRE(engine->load({nullptr, 0}, &recorder, nullptr) == Code::ok);
  const scenario::Case shape{
      .index = 0, .case_id = "01", .concurrency = 16, .prompt_tokens = 8, .completion_tokens = 50};
  scenario::Measure rounds;
  rounds.warmup_rounds = 1;
  rounds.test_rounds = 5;
  const run::PromptMaker prompts({}, run::Vocabulary{32000, {}});
  run::Workload load = run::make_workload(shape, rounds, {}, prompts);
  recorder.begin_case({.requests = 96, .tokens_per_request = 50, .has_token_ids = false});
  run::Driver driver(*engine, recorder, load, mode);
  const std::uint64_t before = test::allocation_count();
  const bool was_stopped = driver.run().has_value();
  const std::uint64_t made = test::allocation_count() - before;
  stats::CaseRecord record;
  record.requests = load.table;
  recorder.end_case(record);
  return {made, was_stopped, record.events.size()};
}

}  // namespace

TEST_CASE("measuring allocates nothing, in rounds and in a closed loop") {
  for (const auto mode : {scenario::RoundMode::barrier, scenario::RoundMode::closed}) {
    const Measured measured = measure(mode);
    CHECK_FALSE(measured.was_stopped);
    CHECK(measured.events == 16 * 50 * 6);
    CHECK(measured.allocations == 0);
  }
}
