// What lmbench costs per token, beside what the clock that it must read costs on the same machine
// in the same moments: both are measured in turn, and each figure is the median of the turns.
// SPDX-License-Identifier: Apache-2.0
#include "run/harness_floor.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "clock.hpp"
#include "plugin/engine_handle.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"
#include "stats/ordered_sample.hpp"

namespace {

using namespace lmbench;

constexpr int kTurns = 15;
constexpr int kReadings = 100'000;
constexpr double kBudgetBatch1Ns = 100;
constexpr double kBudgetBatch64Ns = 20;

double median(const std::vector<double>& values) {
  std::vector<stats::OrderedSample::WeightedValue> weighted;
  for (const double value : values) weighted.emplace_back(value, 1);
  return stats::OrderedSample(std::move(weighted)).interpolated(0.5);
}

// The median, as of the tokens: a loop's mean would hold the times when others had the core.
double clock_reading_ns() {
  std::vector<double> steps(kReadings);
  std::uint64_t last_ns = monotonic_now_ns();
  for (double& step : steps) {
    const std::uint64_t now_ns = monotonic_now_ns();
    step = static_cast<double>(now_ns - last_ns);
    last_ns = now_ns;
  }
  return median(steps);
}

void print_row(const char* what, double ns, double budget_ns) {
  if (budget_ns == 0) {
    std::printf("%-34s %8.2f %10s\n", what, ns, "");
  } else {
    std::printf("%-34s %8.2f %10.0f   %s\n", what, ns, budget_ns,
                ns <= budget_ns ? "within" : "over");
  }
}

void measure() {
  const auto& descriptor =
      plugin::open_plugin(std::filesystem::path(LMBENCH_BINARY_DIR) / "plugins" / "null.so");
  plugin::Host host({});
  run::Launch launch(plugin::create_engine(descriptor, host), descriptor.capabilities);
  plugin::ErrorSpace error;
  if (launch.load({nullptr, 0}, error.out()) != Code::ok) throw std::runtime_error(error.text());

  std::vector<double> clock, batch_1, tail_1, batch_64;
  for (int turn = 0; turn < kTurns; ++turn) {
    clock.push_back(clock_reading_ns());
    const run::HarnessFloor floor = run::measure_harness_floor(launch);
    batch_1.push_back(floor.median_ns_per_token_batch_1);
    tail_1.push_back(floor.p999_ns_per_token_batch_1);
    batch_64.push_back(floor.median_ns_per_token_batch_64);
  }
  std::printf("%-34s %8s %10s   (median of %d turns)\n", "", "ns", "budget", kTurns);
  print_row("one reading of CLOCK_MONOTONIC", median(clock), 0);
  print_row("a token at batch 1", median(batch_1), kBudgetBatch1Ns);
  print_row("  of that without the clock", median(batch_1) - median(clock), 0);
  print_row("  99.9th percentile", median(tail_1), 0);
  print_row("a token at batch 64", median(batch_64), kBudgetBatch64Ns);
}

}  // namespace

int main() {
  try {
    measure();
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "harness_floor: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
