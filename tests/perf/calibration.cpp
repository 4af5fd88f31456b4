// Prints how often `lmbench ab` raises a false alarm and how often it finds a difference, over many
// simulated sessions whose truth is known, and the same for methods that know of no launches.
// usage: calibration [--sessions N] [--rounds N]
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>

#include "calibration_tally.hpp"

namespace {

using namespace lmbench;
using stats::Verdict;

double percent(std::uint32_t count, std::uint32_t of) { return 100.0 * count / of; }

void print_verdicts(std::uint32_t sessions, std::uint32_t rounds) {
  constexpr std::array<double, 4> kSlowdowns = {0, 0.005, 0.01, 0.02};
  std::printf("%u sessions per line, %u rounds of three launches with %u inner rounds each\n\n",
              sessions, rounds, test::kInnerRounds);
  std::printf(
      "| machine (effects add up) | slower by | interval without 0 | covers truth | FASTER | "
      "SLOWER | SAME | UNCLEAR | INVALID |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& [name, machine] : test::calibration_machines()) {
    for (const double slowdown : kSlowdowns) {
      const test::Tally found = test::tally(machine, slowdown, rounds, sessions, 1);
      std::printf(
          "| %s | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% "
          "|\n",
          name.data(), 100 * slowdown, percent(found.excluding_zero, sessions),
          percent(found.covering, sessions), percent(found.with(Verdict::faster), sessions),
          percent(found.with(Verdict::slower), sessions),
          percent(found.with(Verdict::same), sessions),
          percent(found.with(Verdict::unclear), sessions),
          percent(found.with(Verdict::invalid), sessions));
    }
  }
}

void print_naive(std::uint32_t sessions) {
  constexpr std::uint32_t kLaunches = 12;
  std::printf(
      "\nThe same machines, no difference, Mann-Whitney over all inner rounds of %u launches "
      "each:\n\n| machine | A, then B | A, B, A, B, ... |\n|---|---|---|\n",
      kLaunches);
  for (const auto& [name, machine] : test::calibration_machines()) {
    const auto claims = [&](test::Interleaving order) {
      return percent(test::naive_claims(machine, 0, kLaunches, order, sessions, 1), sessions);
    };
    std::printf("| %s | %.1f %% | %.1f %% |\n", name.data(),
                claims(test::Interleaving::block_by_block),
                claims(test::Interleaving::alternating));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint32_t sessions = 2000;
  std::uint32_t rounds = 18;
  CLI::App app("False alarms and power of lmbench ab in simulated sessions", "calibration");
  app.add_option("--sessions", sessions, "for each line of a table")
      ->check(CLI::Range(1u, 1000000u));
  app.add_option("--rounds", rounds, "of a session, filled up to whole blocks of six")
      ->check(CLI::Range(6u, 600u));
  CLI11_PARSE(app, argc, argv);
  print_verdicts(sessions, (rounds + 5) / 6 * 6);
  print_naive(sessions);
  return 0;
}
