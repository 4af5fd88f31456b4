// SPDX-License-Identifier: Apache-2.0
#include "ab/analysis.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "split_mix_64.hpp"
#include "stats/ab_order.hpp"

using namespace lmbench;
using namespace lmbench::ab;
using stats::Verdict;

namespace {

constexpr std::uint32_t kRounds = 18;

AnalysisOrder order_of(std::size_t cases, std::size_t candidates = 1) {
  AnalysisOrder order;
  for (std::uint32_t i = 0; i < cases; ++i) {
    order.plan.push_back({.index = i,
                          .case_id = "case" + std::to_string(i),
                          .concurrency = 2,
                          .prompt_tokens = 8,
                          .completion_tokens = 16});
  }
  for (std::size_t i = 0; i < candidates; ++i) order.candidates.push_back("c" + std::to_string(i));
  order.gates = {Metric::output_tok_s};
  order.rounds = kRounds;
  order.most_rounds = kRounds;
  order.round_s = 30;
  return order;
}

// Launches of each arm with these speeds (tokens per second), with a little noise.
std::vector<LaunchFigures> session(const std::vector<double>& speeds, std::uint32_t case_index = 0,
                                   double noise = 0.001) {
  std::vector<LaunchFigures> launches;
  SplitMix64 random(case_index + 1);
  const auto arms = static_cast<std::uint32_t>(speeds.size());
  const auto orders = stats::ab_orders(arms, kRounds, 3);
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    for (std::uint32_t place = 0; place < arms; ++place) {
      LaunchFigures launch;
      launch.round = round;
      launch.place = place;
      launch.arm = orders[round][place];
      launch.case_index = case_index;
      const double u = static_cast<double>(random.below(2001)) / 1000 - 1;
      const double speed = speeds[launch.arm] * std::exp(noise * u);
      launch.values[static_cast<std::size_t>(Metric::output_tok_s)] = speed;
      launch.values[static_cast<std::size_t>(Metric::tpot)] = 1000 / speed;
      launch.within_error = noise;
      launches.push_back(launch);
    }
  }
  return launches;
}

void append(std::vector<LaunchFigures>& to, const std::vector<LaunchFigures>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

const report::MetricComparison& gate_of(const std::vector<report::CandidateComparison>& found,
                                        std::size_t case_index = 0, std::size_t candidate = 0) {
  return found.at(candidate).cases.at(case_index).gates.at(0);
}

const report::MetricComparison& phase_of(const report::CaseComparison& c, const std::string& id) {
  return *std::find_if(c.phases.begin(), c.phases.end(),
                       [&](const auto& metric) { return metric.metric == id; });
}

}  // namespace

TEST_CASE("each case gets the verdict of its own launches") {
  auto launches = session({100, 100, 103}, 0);
  append(launches, session({100, 100, 97}, 1));
  append(launches, session({100, 100, 100}, 2));
  const auto found = analyse(launches, order_of(3));
  CHECK(gate_of(found, 0).verdict->verdict == Verdict::faster);
  CHECK(gate_of(found, 1).verdict->verdict == Verdict::slower);
  CHECK(gate_of(found, 2).verdict->verdict == Verdict::same);
  CHECK(gate_of(found, 0).effect->value == doctest::Approx(std::log(1.03)).epsilon(0.02));
  CHECK(gate_of(found, 0).base.value_or(0) == doctest::Approx(100).epsilon(0.01));
  CHECK(gate_of(found, 0).candidate.value_or(0) == doctest::Approx(103).epsilon(0.01));
  CHECK(found[0].cases[0].complete_rounds == kRounds);
}

TEST_CASE("several candidates are each compared with the one base") {
  const auto found = analyse(session({100, 100, 105, 95}), order_of(1, 2));
  CHECK(gate_of(found, 0, 0).verdict->verdict == Verdict::faster);
  CHECK(gate_of(found, 0, 1).verdict->verdict == Verdict::slower);
}

TEST_CASE("where a change lies is shown for every metric that the launches have") {
  const auto found = analyse(session({100, 100, 110}), order_of(1));
  const report::MetricComparison& tpot = phase_of(found[0].cases[0], "tpot");
  REQUIRE(tpot.effect);
  CHECK(tpot.effect->value == doctest::Approx(std::log(1.1)).epsilon(0.02));
  CHECK_FALSE(tpot.verdict);
  CHECK_FALSE(phase_of(found[0].cases[0], "load").effect);
}

TEST_CASE("one launch that may not count makes its case invalid, with the reason") {
  auto launches = session({100, 100, 103});
  launches[10].invalid_reason = "throttled";
  const auto found = analyse(launches, order_of(1));
  CHECK(gate_of(found).verdict->verdict == Verdict::invalid);
  CHECK(gate_of(found).verdict->reason == "throttled");
}

TEST_CASE("a tenth of the rounds may be lost, and no more") {
  auto launches = session({100, 100, 103});
  launches.erase(launches.begin());  // one of 18 rounds
  CHECK(gate_of(analyse(launches, order_of(1))).verdict->verdict == Verdict::faster);
  launches.erase(launches.begin() + 20, launches.begin() + 25);  // two more
  const auto found = analyse(launches, order_of(1));
  CHECK(gate_of(found).verdict->reason == "missing_rounds");
}

TEST_CASE("an unclear verdict says how long a clear one would take") {
  const auto found = analyse(session({100, 100, 101}, 0, 0.03), order_of(1));
  const auto& gate = gate_of(found);
  REQUIRE(gate.verdict->verdict == Verdict::unclear);
  REQUIRE(gate.verdict->rounds_needed);
  CHECK(*gate.verdict->rounds_needed > kRounds);
  CHECK(gate.minutes_needed == doctest::Approx(*gate.verdict->rounds_needed * 0.5));
}

TEST_CASE("other outputs than the base's are told, and fail only where that is asked for") {
  auto launches = session({100, 100, 103});
  for (auto& launch : launches) {
    launch.tokens = {{1, 2, 3}, {4, 5, 6}};
    if (launch.arm == 2) launch.tokens[1][2] = 7;
  }
  auto order = order_of(1);
  auto found = analyse(launches, order);
  REQUIRE(found[0].cases[0].outputs);
  CHECK(found[0].cases[0].outputs->different == kRounds);
  CHECK(gate_of(found).verdict->verdict == Verdict::faster);
  order.same_output = SameOutput::require;
  found = analyse(launches, order);
  CHECK(gate_of(found).verdict->reason == "outputs_differ");
  // A base that does not repeat itself is no measure.
  for (auto& launch : launches) {
    if (launch.arm == 1) launch.tokens[0][0] = 9;
  }
  CHECK(gate_of(analyse(launches, order)).verdict->verdict == Verdict::faster);
}

TEST_CASE("what is odd about the launches is noted beside the verdict") {
  auto launches = session({100, 100, 103});
  for (auto& launch : launches) launch.within_error = 1e-6;  // they differ by more than they know
  CHECK(gate_of(analyse(launches, order_of(1))).notes ==
        std::vector<std::string>{"between_launch"});
  launches = session({100, 100, 103});
  for (auto& launch : launches) {
    launch.within_error = 0.2;
    launch.clock_mhz = launch.arm == 2 ? 1030 : 1000;
    if (launch.round == 7 && launch.arm == 2) {
      launch.values[static_cast<std::size_t>(Metric::output_tok_s)] = 80;
    }
  }
  const auto notes = gate_of(analyse(launches, order_of(1))).notes;
  CHECK(notes == std::vector<std::string>{"clock_shift", "outlier_launch"});
}

TEST_CASE("a difference that grows over the session is noted as a trend") {
  auto launches = session({100, 100, 100});
  for (auto& launch : launches) {
    launch.within_error = 0.01;
    auto& speed = launch.values[static_cast<std::size_t>(Metric::output_tok_s)];
    if (launch.arm == 2) speed = *speed * (1 + 0.002 * launch.round);
  }
  const auto notes = gate_of(analyse(launches, order_of(1))).notes;
  CHECK(std::find(notes.begin(), notes.end(), "trend") != notes.end());
}

TEST_CASE("a session without launches has no verdict but a reason") {
  const auto found = analyse({}, order_of(2));
  CHECK(gate_of(found, 1).verdict->verdict == Verdict::invalid);
  CHECK(gate_of(found, 1).verdict->reason == "missing_rounds");
}
