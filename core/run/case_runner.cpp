// SPDX-License-Identifier: Apache-2.0
#include "run/case_runner.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "stats/warmup_rule.hpp"

namespace lmbench::run {
namespace {

constexpr double kNsPerSecond = 1e9;

// At least 1 ns: an engine may answer faster than the clock ticks.
double duration_ns(std::uint64_t due_ns, std::uint64_t end_ns) {
  return static_cast<double>(std::max(end_ns, due_ns + 1) - due_ns);
}

}  // namespace

CaseRunner::CaseRunner(IGenerationEngine& engine, EventRecorder& recorder,
                       const EngineTraits& traits, const CaseOrder& order,
                       const PromptMaker& prompts, TestProgress& progress)
    : engine_(engine),
      recorder_(recorder),
      traits_(traits),
      order_(order),
      prompts_(prompts),
      progress_(progress) {
  stats::CaseRecord& record = result_.record;
  record.concurrency = order.shape.concurrency;
  record.prompt_tokens = order.shape.prompt_tokens;
  record.completion_tokens = order.shape.completion_tokens;
  record.is_barrier = order.measure.round_mode == scenario::RoundMode::barrier;
}

CaseRun CaseRunner::run() {
  progress_.has_begun.store(false, std::memory_order_relaxed);
  progress_.half_width_percent.store(0, std::memory_order_relaxed);
  require_recordable(order_.shape, test_phase(order_.measure.test_rounds.value_or(1)));
  if (warm_up()) test();
  result_.prompts_sha256 = prompts_sum_.hex_digest();
  return std::move(result_);
}

// ---- warm-up ------------------------------------------------------------------------------------

bool CaseRunner::warm_up() {
  const std::optional<std::uint32_t> rounds = order_.measure.warmup_rounds;
  if (!rounds) return warm_up_until_steady();
  if (*rounds == 0) return true;
  const Phase phase{.is_warmup = true,
                    .first_round = 0,
                    .rounds = *rounds,
                    .completion_tokens = order_.shape.completion_tokens};
  return run_phase(phase, [this](std::uint64_t due_ns, std::uint64_t end_ns) {
    const double ns = duration_ns(due_ns, end_ns);
    full_round_ns_ = full_round_ns_ == 0 ? ns : std::min(full_round_ns_, ns);
    return true;
  });
}

bool CaseRunner::warm_up_until_steady() {
  constexpr std::uint32_t kMostPrepared = 32;  // short rounds at a time: a pause does no harm here
  const scenario::WarmupLimits& limits = order_.measure.warmup_limits;
  const std::uint32_t tokens = order_.shape.completion_tokens;
  stats::WarmupRule rule(limits.max_rounds, limits.budget_s * kNsPerSecond);
  std::uint64_t begun_ns = 0;
  Phase phase{.is_warmup = true, .first_round = 0, .rounds = 1, .completion_tokens = tokens};
  const auto note_full_round = [&](std::uint64_t due_ns, std::uint64_t end_ns) {
    begun_ns = due_ns;
    full_round_ns_ = duration_ns(due_ns, end_ns);
    return false;
  };
  if (!run_phase(phase, note_full_round)) return false;

  std::optional<stats::WarmupEnd> end;
  if (rule.is_used_up(full_round_ns_)) end = stats::WarmupEnd::not_steady;
  phase.first_round = 1;
  phase.completion_tokens = std::min(tokens, stats::kShortRoundTokens);
  double shortest_ns = std::numeric_limits<double>::max();
  while (!end) {
    phase.rounds = std::min(rule.rounds_left(), kMostPrepared);
    const auto note_short_round = [&](std::uint64_t due_ns, std::uint64_t end_ns) {
      const double ns = duration_ns(due_ns, end_ns);
      shortest_ns = std::min(shortest_ns, ns);
      end = rule.after_round(ns, duration_ns(begun_ns, end_ns));
      return !end;
    };
    if (!run_phase(phase, note_short_round)) return false;
    phase.first_round += phase.rounds;
  }
  if (*end == stats::WarmupEnd::not_steady) {
    result_.judgement.flags.emplace_back("warmup_not_steady");
  }
  // The full round was the coldest one; so many short ones have as many tokens.
  const double short_rounds = static_cast<double>(tokens) / phase.completion_tokens;
  full_round_ns_ = std::min(full_round_ns_, shortest_ns * short_rounds);
  return true;
}

// ---- test ---------------------------------------------------------------------------------------

Phase CaseRunner::test_phase(std::uint32_t rounds) const {
  return {.is_warmup = false,
          .first_round = 0,
          .rounds = rounds,
          .completion_tokens = order_.shape.completion_tokens};
}

void CaseRunner::test() {
  const std::size_t warmup_rounds = result_.record.requests.size() / order_.shape.concurrency;
  progress_.warmup_rounds.store(static_cast<std::uint32_t>(warmup_rounds),
                                std::memory_order_relaxed);
  progress_.has_begun.store(true, std::memory_order_release);
  if (!order_.measure.test_rounds) return test_until_narrow();
  if (run_phase(test_phase(*order_.measure.test_rounds), {})) {
    result_.stop_reason = stats::StopReason::fixed;
  }
}

void CaseRunner::test_until_narrow() {
  const scenario::TestLimits& limits = order_.measure.test_limits;
  const Phase phase = test_phase(rounds_to_prepare());
  stats::StoppingRule rule({.min_rounds = limits.min_rounds,
                            .max_rounds = limits.max_rounds,
                            .budget_ns = limits.budget_s * kNsPerSecond,
                            .half_width_percent = limits.interval_percent},
                           phase.rounds);
  const double round_tokens =
      static_cast<double>(order_.shape.concurrency) * order_.shape.completion_tokens;
  std::uint64_t begun_ns = 0;
  std::optional<stats::StopReason> reason;
  const auto go_on = [&](std::uint64_t due_ns, std::uint64_t end_ns) {
    if (begun_ns == 0) begun_ns = due_ns;
    const double rate = round_tokens / duration_ns(due_ns, end_ns) * kNsPerSecond;
    reason = rule.after_round(rate, duration_ns(begun_ns, end_ns));
    const auto& interval = rule.interval();
    progress_.half_width_percent.store(interval ? interval->half_width_percent : 0,
                                       std::memory_order_relaxed);
    return !reason;
  };
  // All that was prepared may be used up before the rule says so: the budget was taken for less.
  if (run_phase(phase, go_on)) result_.stop_reason = reason.value_or(stats::StopReason::budget);
}

// Twice what the budget holds, as far as is known: a round may turn out to be faster than any in
// the warm-up. Without a warm-up nothing is known, and all that are allowed are prepared.
std::uint32_t CaseRunner::rounds_to_prepare() const {
  const scenario::TestLimits& limits = order_.measure.test_limits;
  double rounds = limits.max_rounds;
  if (full_round_ns_ > 0) {
    rounds = std::min(rounds, 2 * limits.budget_s * kNsPerSecond / full_round_ns_ + 1);
  }
  const auto recordable =
      static_cast<double>(most_rounds(order_.shape, order_.shape.completion_tokens));
  return static_cast<std::uint32_t>(std::max(1.0, std::min(rounds, recordable)));
}

// ---- both ---------------------------------------------------------------------------------------

bool CaseRunner::run_phase(const Phase& phase, const Driver::GoOn& go_on) {
  Workload load = make_workload(order_.shape, phase, order_.sampling, prompts_);
  recorder_.begin_phase({.requests = static_cast<std::uint32_t>(load.requests.size()),
                         .tokens_per_request = phase.completion_tokens,
                         .has_token_ids = traits_.has_token_ids,
                         .goes_on = std::exchange(has_begun_, true)});
  Driver driver(engine_, recorder_, load, order_.measure.round_mode);
  const std::optional<Stop> stop = driver.run(go_on);
  hash_prompts(load, prompts_sum_);
  // Rounds that were prepared and not wanted leave no trace.
  while (!load.table.empty() && load.table.back().due_ns == 0) load.table.pop_back();
  stats::CaseRecord& record = result_.record;
  const std::size_t first_slot = record.requests.size();
  record.requests.insert(record.requests.end(), load.table.begin(), load.table.end());
  recorder_.end_phase(record, first_slot);
  if (order_.keeps_token_ids && !phase.is_warmup) keep_token_ids(load.table.size());
  take(
      judge(stop, driver.refusal_text(), recorder_, record, first_slot, traits_.vocabulary_tokens));
  return has_numbers(result_.judgement.outcome.status);
}

void CaseRunner::keep_token_ids(std::size_t requests) {
  for (std::size_t slot = 0; slot < requests; ++slot) {
    const auto ids = recorder_.token_ids(static_cast<std::uint32_t>(slot));
    result_.token_ids.insert(result_.token_ids.end(), ids.begin(), ids.end());
  }
}

// The worst that happened in any phase; of two that are as bad, the first.
void CaseRunner::take(Judgement judgement) {
  Judgement& all = result_.judgement;
  const bool is_worse = has_numbers(all.outcome.status) && (all.outcome.status == Status::ok ||
                                                            !has_numbers(judgement.outcome.status));
  if (is_worse) all.outcome = std::move(judgement.outcome);
  all.is_engine_broken = all.is_engine_broken || judgement.is_engine_broken;
  for (std::string& flag : judgement.flags) {
    if (std::find(all.flags.begin(), all.flags.end(), flag) != all.flags.end()) continue;
    all.flags.push_back(std::move(flag));
  }
}

}  // namespace lmbench::run
