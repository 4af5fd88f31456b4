// The proof of warm-up and stopping: the sim engine in virtual time, with a start-up that decays
// and rounds that are noisy, against the rate that its script has when it is warm.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "../sim/sim_run.hpp"
#include "case_setup.hpp"
#include "stats/case_metrics.hpp"
#include "stats/round_figures.hpp"

using namespace case_setup;
using sim_run::Config;

namespace {

constexpr std::uint32_t kConcurrency = 2;
constexpr std::uint32_t kTokens = 16;
constexpr double kStepUs = 1000;
constexpr double kTrueRate = kConcurrency * 1e6 / kStepUs;  // tokens per second when warm

std::atomic<std::uint64_t> now_ns{0};
std::uint64_t virtual_clock() noexcept { return now_ns; }

struct Machine {
  double excess_percent = 0;
  double time_constant_rounds = 1;
  double round_noise_percent = 0;
};

// Sixteen independent steps make a round, so that their noise is four times that of the round.
run::CaseRun run_case(const Machine& machine, std::int64_t seed, const Setup& setup) {
  const Config config{{"step_us", kStepUs},
                      {"startup_excess_percent", machine.excess_percent},
                      {"startup_time_constant_rounds", machine.time_constant_rounds},
                      {"jitter_percent", machine.round_noise_percent * 4},
                      {"seed", seed},
                      {"vocab_size", std::int64_t{1000}}};
  now_ns = 1'000'000;
  run::Launch launch(plugin::EngineHandle(new sim::SimEngine(
                         nullptr, std::make_unique<sim_run::VirtualClock>(now_ns))),
                     kCapTokenIds | kCapFixedLength, &virtual_clock);
  REQUIRE(launch.load(config.view(), nullptr) == Code::ok);
  return run_on(launch, setup);
}

Setup adaptive() {
  return {.concurrency = kConcurrency,
          .completion_tokens = kTokens,
          .warmup_rounds = {},
          .test_rounds = {}};
}

struct Found {
  double bias_percent = 0;  // mean over the seeds
  double warmup_rounds = 0;
  double test_rounds = 0;
};

Found measure(const Machine& machine, std::int64_t seeds, const Setup& setup) {
  Found mean;
  for (std::int64_t seed = 0; seed < seeds; ++seed) {
    const run::CaseRun run = run_case(machine, seed, setup);
    REQUIRE(status_of(run) == "ok");
    const auto rate = stats::case_metrics(run.record).output_tok_s;
    const auto rounds = stats::round_figures(run.record);
    const auto share = 1.0 / static_cast<double>(seeds);
    mean.bias_percent += (*rate / kTrueRate - 1) * 100 * share;
    mean.warmup_rounds += rounds.warmup_rounds * share;
    mean.test_rounds += rounds.test_rounds * share;
  }
  return mean;
}

std::string line_of(const Machine& machine, const Found& found) {
  char text[128];
  std::snprintf(text, sizeof text, "%8.0f %%  %10.1f  %7.1f %%  %+7.3f %%  %7.1f  %5.1f",
                machine.excess_percent, machine.time_constant_rounds, machine.round_noise_percent,
                found.bias_percent, found.warmup_rounds, found.test_rounds);
  return text;
}

}  // namespace

TEST_CASE("a start-up that decays leaves a bias below half a percent") {
  std::string table = "  excess  decay, rounds   noise       bias  warm-up   test\n";
  for (const double excess_percent : {10.0, 50.0, 200.0}) {
    for (const double time_constant_rounds : {0.5, 1.0, 2.0, 3.0}) {
      for (const double noise_percent : {0.0, 0.3, 1.0}) {
        const Machine machine{excess_percent, time_constant_rounds, noise_percent};
        const Found found = measure(machine, noise_percent > 0 ? 40 : 1, adaptive());
        table += line_of(machine, found) + "\n";
        CAPTURE(line_of(machine, found));
        CHECK(std::abs(found.bias_percent) < 0.5);
      }
    }
  }
  MESSAGE(table);
}

TEST_CASE("one warm-up round would not do: the same machines are off by more") {
  Setup setup = adaptive();
  setup.warmup_rounds = 1;
  const Machine machine{
      .excess_percent = 50, .time_constant_rounds = 3, .round_noise_percent = 0.3};
  CHECK(measure(machine, 5, setup).bias_percent < -2);
}

TEST_CASE("a machine that never gets steady ends its warm-up with a flag") {
  const Machine machine{.excess_percent = 1000, .time_constant_rounds = 40};
  const run::CaseRun run = run_case(machine, 0, adaptive());
  CHECK(run.judgement.flags == std::vector<std::string>{"warmup_not_steady"});
  CHECK(stats::round_figures(run.record).warmup_rounds == 20);
}

TEST_CASE("a quiet machine stops by width at six rounds, a noisy one at fifty or by its budget") {
  const run::CaseRun quiet = run_case({.round_noise_percent = 0.1}, 1, adaptive());
  CHECK(quiet.stop_reason == stats::StopReason::width);
  CHECK(stats::round_figures(quiet.record).test_rounds == 6);
  const Machine noisy{.round_noise_percent = 5};
  const run::CaseRun full = run_case(noisy, 1, adaptive());
  CHECK(full.stop_reason == stats::StopReason::max_rounds);
  CHECK(stats::round_figures(full.record).test_rounds == 50);
  Setup hurried = adaptive();
  hurried.test_limits.budget_s = 0.1;  // of virtual time: six rounds of 16 ms and a bit
  const run::CaseRun cut = run_case(noisy, 1, hurried);
  CHECK(cut.stop_reason == stats::StopReason::budget);
  CHECK(stats::round_figures(cut.record).test_rounds < 10);
}

TEST_CASE("the interval of a case holds the true rate about as often as it says") {
  // 95 % is said and 93 to 97 % found by simulation; 99.9 % of a binomial with 300 tries at 93 % is
  // above 263.
  int hits = 0;
  for (std::int64_t seed = 0; seed < 300; ++seed) {
    const auto run = run_case({.round_noise_percent = 1}, seed, adaptive());
    const auto interval = stats::round_figures(run.record).output_tok_s;
    REQUIRE(interval);
    hits += interval->low <= kTrueRate && kTrueRate <= interval->high ? 1 : 0;
  }
  CAPTURE(hits);
  CHECK(hits >= 263);
  CHECK(hits < 299);
}
