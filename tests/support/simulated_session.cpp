// SPDX-License-Identifier: Apache-2.0
#include "simulated_session.hpp"

#include <cmath>
#include <lmbench/engine_abi.hpp>
#include <numbers>

#include "sim/sim_script.hpp"
#include "split_mix_64.hpp"
#include "stats/ab_order.hpp"
#include "stats/case_metrics.hpp"

namespace lmbench::test {
namespace {

constexpr double kStepUs = 10'000;

enum Arm : std::uint32_t { kBase, kCopy, kCandidate, kArms };

class Randomness {
 public:
  explicit Randomness(std::uint64_t seed) : bits_(SplitMix64::mix(seed + 1)) {}
  std::uint64_t seed() { return bits_.next() >> 1U; }
  double uniform() { return static_cast<double>((bits_.next() >> 11U) + 1) * 0x1p-53; }
  double normal() {  // Box and Muller
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
 private:
  SplitMix64 bits_;
};

// One launch: inner rounds of one request with one token, the step as long as the script says.
stats::CaseRecord launch_record(const sim::SimOptions& options) {
  sim::StepScript script(options);
  stats::CaseRecord record;
  record.concurrency = 1;
  record.prompt_tokens = 1;
  record.completion_tokens = 1;
  std::uint64_t now_ns = 1'000'000'000;
  for (std::uint32_t round = 0; round < kInnerRounds; ++round) {
    stats::RequestRecord request{};
    request.due_ns = request.submit_ns = request.accept_ns = now_ns;
    request.round = round;
    request.prompt_tokens = request.requested_tokens = 1;
    record.requests.push_back(request);
    now_ns +=
        script.next_step_ns({.prefill_tokens = 1, .sequences = 1, .context_tokens = 1}, round);
    record.events.push_back({.t_ns = now_ns,
                             .engine_ns = 0,
                             .slot = round,
                             .batch = round,
                             .token_count = 1,
                             .kind = static_cast<std::uint8_t>(EventKind::finished),
                             .finish = static_cast<std::uint8_t>(Finish::length),
                             .error = 0});
  }
  return record;
}

// Tokens per second of each inner round.
void append_rates(const stats::CaseRecord& record, std::vector<double>& rates) {
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    rates.push_back(1e9 / static_cast<double>(record.events[i].t_ns - record.requests[i].due_ns));
  }
}

class Session {
 public:
  Session(const SimulatedMachine& machine, double slowdown, std::uint32_t launches,
          std::uint64_t seed)
      : machine_(machine), slowdown_(slowdown), launches_(launches), random_(seed) {}

  // The launch that comes next in time.
  stats::CaseRecord launch(Arm arm, bool is_first_in_round) {
    double factor = 1 + machine_.launch * random_.normal();
    if (arm == kCandidate) factor += slowdown_;
    if (is_first_in_round) factor += machine_.first_in_round;
    factor += machine_.drift * launched_++ / launches_;
    if (random_.uniform() <= machine_.outlier_chance) factor += machine_.outlier;
    sim::SimOptions options;
    options.step_us = kStepUs * factor;
    options.jitter_percent = 100 * machine_.noise;
    options.autocorrelation = machine_.autocorrelation;
    options.seed = random_.seed();
    return launch_record(options);
  }
 private:
  SimulatedMachine machine_;
  double slowdown_;
  double launches_;
  double launched_ = 0;
  Randomness random_;
};

double gain_of(const stats::CaseRecord& record) {
  return std::log(stats::case_metrics(record).output_tok_s.value());
}

void run_balanced(Session& session, std::uint32_t rounds, std::uint64_t seed,
                  SimulatedSession& result) {
  for (const stats::ArmOrder& order : stats::ab_orders(kArms, rounds, seed)) {
    stats::RoundGains round;
    for (std::uint32_t place = 0; place < kArms; ++place) {
      const auto arm = static_cast<Arm>(order[place]);
      const stats::CaseRecord record = session.launch(arm, place == 0);
      (arm == kBase ? round.base : arm == kCopy ? round.copy : round.candidate) = gain_of(record);
      if (arm == kBase) append_rates(record, result.base_rates);
      if (arm == kCandidate) {
        append_rates(record, result.candidate_rates);
        round.candidate_place = place;
      }
    }
    result.rounds.push_back(round);
  }
}

}  // namespace

SimulatedSession simulate_session(const SimulatedMachine& machine, double slowdown,
                                  std::uint32_t rounds, Interleaving interleaving,
                                  std::uint64_t seed) {
  SimulatedSession result;
  if (interleaving == Interleaving::balanced) {
    Session session(machine, slowdown, rounds * kArms, seed);
    run_balanced(session, rounds, seed, result);
    return result;
  }
  Session session(machine, slowdown, rounds * 2, seed);
  for (std::uint32_t i = 0; i < 2 * rounds; ++i) {
    const bool is_alternating = interleaving == Interleaving::alternating;
    const bool is_base = is_alternating ? i % 2 == 0 : i < rounds;
    const stats::CaseRecord record =
        session.launch(is_base ? kBase : kCandidate, is_alternating && is_base);
    append_rates(record, is_base ? result.base_rates : result.candidate_rates);
  }
  return result;
}

}  // namespace lmbench::test
