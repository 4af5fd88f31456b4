// SPDX-License-Identifier: Apache-2.0
#include "process/capacity.hpp"

#include <algorithm>

#include "stats/warmup_rule.hpp"

namespace lmbench::process {
namespace {

std::uint64_t sequence_tokens(const scenario::Case& c) {
  return std::uint64_t{c.prompt_tokens} + c.completion_tokens;
}

// Tokens that one sequence keeps from others, whole blocks where there are blocks.
std::uint64_t occupied_tokens(const scenario::Case& c, const ModelFigures& figures) {
  const std::uint64_t tokens = sequence_tokens(c);
  const std::uint64_t block = figures.kv_block_tokens;
  return block == 0 ? tokens : (tokens + block - 1) / block * block;
}

bool is_beyond(std::uint64_t wanted, std::uint64_t available) {
  return available != 0 && wanted > available;
}

// Bytes that the busiest rank cannot avoid reading: each decode step all weights and the keys and
// values of every running sequence, at an average length in the middle of the completion; the
// prefill counts as one step.
double least_bytes_of_round(const scenario::Case& c, double steps, const ModelFigures& figures) {
  const double mean_context = c.prompt_tokens + steps / 2;
  return steps * (figures.weight_bytes_per_step +
                  c.concurrency * mean_context * figures.kv_bytes_per_token);
}

// Of all rounds of a case, if rounds of these lengths take so long. A budget ends a phase after the
// round in which it is used up, so that it limits what must be, never below one round.
double least_time_s(const scenario::Measure& measure, double round_s, double short_round_s) {
  double warmup_s = round_s;
  if (measure.warmup_rounds) {
    warmup_s = *measure.warmup_rounds * round_s;
  } else {
    const scenario::WarmupLimits& limits = measure.warmup_limits;
    const std::uint32_t rounds = std::min(stats::kComparedRounds, limits.max_rounds - 1);
    warmup_s += std::min(rounds * short_round_s, std::max(0.0, limits.budget_s - round_s));
  }
  if (measure.test_rounds) return warmup_s + *measure.test_rounds * round_s;
  const scenario::TestLimits& limits = measure.test_limits;
  return warmup_s + std::min(limits.min_rounds * round_s, std::max(limits.budget_s, round_s));
}

}  // namespace

Demand demand_of(const scenario::Case& c, const scenario::Measure& measure,
                 const ModelFigures& figures) {
  Demand demand;
  const std::uint64_t tokens = c.concurrency * occupied_tokens(c, figures);
  if (figures.kv_block_tokens != 0) {
    demand.kv_blocks = tokens / figures.kv_block_tokens;
    demand.kv_blocks_available = figures.kv_capacity_tokens / figures.kv_block_tokens;
  }
  demand.kv_bytes = static_cast<double>(tokens) * figures.kv_bytes_per_token;
  demand.weight_bytes = figures.weight_bytes_per_step;
  if (figures.read_bytes_per_s > 0 && figures.weight_bytes_per_step > 0) {
    const auto round_s = [&](std::uint32_t steps) {
      return least_bytes_of_round(c, steps, figures) / figures.read_bytes_per_s;
    };
    const std::uint32_t short_tokens = std::min(c.completion_tokens, stats::kShortRoundTokens);
    demand.least_time_s =
        least_time_s(measure, round_s(c.completion_tokens), round_s(short_tokens));
  }
  return demand;
}

std::vector<std::string> capacity_flags(const scenario::Case& c, const ModelFigures& figures) {
  std::vector<std::string> flags;
  if (is_beyond(c.concurrency * occupied_tokens(c, figures), figures.kv_capacity_tokens)) {
    flags.emplace_back("kv_overcommit");
  }
  if (is_beyond(c.concurrency, figures.max_requests)) flags.emplace_back("slots_overcommit");
  if (c.prompt_tokens == 1) flags.emplace_back("no_prefill");
  return flags;
}

std::optional<run::Outcome> refusal(const scenario::Case& c, const ModelFigures& figures) {
  const std::string tokens = std::to_string(sequence_tokens(c));
  if (is_beyond(sequence_tokens(c), figures.max_sequence_tokens)) {
    return run::Outcome{run::Status::unsupported,
                        "a sequence of " + tokens +
                            " tokens is longer than the engine's limit of " +
                            std::to_string(figures.max_sequence_tokens)};
  }
  if (is_beyond(occupied_tokens(c, figures), figures.kv_capacity_tokens)) {
    return run::Outcome{run::Status::oom,
                        "one sequence of " + tokens + " tokens does not fit the KV pool of " +
                            std::to_string(figures.kv_capacity_tokens) + " tokens"};
  }
  return std::nullopt;
}

}  // namespace lmbench::process
