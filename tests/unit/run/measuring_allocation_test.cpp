// The measuring loop is between two time stamps of a benchmark: from the first release of a round
// to the last end it must not call the allocator, neither in the driver nor in the recorder, nor in
// the rule that is asked after each round. The null engine allocates nothing of its own.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "allocation_count.hpp"
#include "run/driver.hpp"
#include "stats/stopping_rule.hpp"

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
  const run::Phase phase{
      .is_warmup = false, .first_round = 0, .rounds = 6, .completion_tokens = 50};
  const run::PromptMaker prompts({}, run::Vocabulary{32000, {}});
  run::Workload load = run::make_workload(shape, phase, {}, prompts);
  recorder.begin_phase({.requests = 96, .tokens_per_request = 50, .has_token_ids = false});
  run::Driver driver(*engine, recorder, load, mode);
  stats::StoppingRule rule(
      {.min_rounds = 7, .max_rounds = 7, .budget_ns = 1e18, .half_width_percent = 1}, phase.rounds);
  const run::Driver::GoOn go_on = [&rule](std::uint64_t due_ns, std::uint64_t end_ns) {
    return !rule.after_round(1.0 / static_cast<double>(end_ns - due_ns), 0);
  };
  const std::uint64_t before = test::allocation_count();
  const bool was_stopped = driver.run(go_on).has_value();
  const std::uint64_t made = test::allocation_count() - before;
  stats::CaseRecord record;
  record.requests = load.table;
  recorder.end_phase(record);
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
