// The null engine brings the tokens of a step in one on_events call, at once after the step
// before. So the distance of two consecutive stamps holds everything that a step costs: the virtual
// call, one clock reading, the record, and the engine's own short loop, which makes the result an
// upper bound. The stamps are those that the runner takes anyway: looking costs nothing extra, and
// there are enough of them for a 99.9th percentile.
// SPDX-License-Identifier: Apache-2.0
#include "run/harness_floor.hpp"

#include <utility>
#include <vector>

#include "error.hpp"
#include "stats/ordered_sample.hpp"

namespace lmbench::run {
namespace {

// Ten rounds of 10 000 steps at batch 1 and of 1000 steps at batch 64: 20 MB of events at most.
constexpr std::uint32_t kRounds = 10;
constexpr std::uint32_t kStepsBatch1 = 10'000;
constexpr std::uint32_t kStepsBatch64 = 1'000;

stats::OrderedSample step_ns_per_token(Launch& launch, std::uint32_t batch, std::uint32_t steps) {
  const scenario::Case shape{.index = 0,
                             .case_id = "floor",
                             .concurrency = batch,
                             .prompt_tokens = 1,
                             .completion_tokens = steps};
  scenario::Measure measure;
  measure.warmup_rounds = 1;
  measure.test_rounds = kRounds;
  scenario::Prompts prompts;
  prompts.kind = scenario::PromptKind::legacy;  // any prompt will do
  const CaseRun run = launch.run_case({shape, measure, scenario::Sampling{}, prompts});
  if (run.judgement.outcome.status != Status::ok) {
    throw Error("the null engine does not run: " + run.judgement.outcome.reason,
                ExitCode::engine_unusable);
  }
  std::vector<stats::OrderedSample::WeightedValue> result;
  const stats::EventRecord* before = nullptr;
  for (const stats::EventRecord& event : run.record.events) {
    const stats::RequestRecord& request = run.record.requests[event.slot];
    if (request.is_warmup != 0 || request.sequence != 0) continue;  // one of a step stands for all
    if (before != nullptr && before->slot == event.slot) {
      result.emplace_back(static_cast<double>(event.t_ns - before->t_ns) / batch, 1);
    }
    before = &event;
  }
  return stats::OrderedSample(std::move(result));
}

}  // namespace

HarnessFloor measure_harness_floor(Launch& null_launch) {
  const stats::OrderedSample batch_1 = step_ns_per_token(null_launch, 1, kStepsBatch1);
  const stats::OrderedSample batch_64 = step_ns_per_token(null_launch, 64, kStepsBatch64);
  return {.median_ns_per_token_batch_1 = batch_1.interpolated(0.5),
          .p999_ns_per_token_batch_1 = batch_1.interpolated(0.999),
          .median_ns_per_token_batch_64 = batch_64.interpolated(0.5)};
}

}  // namespace lmbench::run
