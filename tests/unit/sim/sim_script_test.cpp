// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_script.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <vector>

using namespace lmbench::sim;

namespace {

constexpr StepShape kOneSequence = {0, 1, 0};

std::vector<double> step_lengths(const SimOptions& options, int steps) {
  StepScript script(options);
  std::vector<double> lengths;
  for (int i = 0; i < steps; ++i) {
    lengths.push_back(static_cast<double>(script.next_step_ns(kOneSequence, 0)));
  }
  return lengths;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Covariance of values lag apart, divided by the square of the mean.
double relative_covariance(const std::vector<double>& values, std::size_t lag) {
  const double mean = mean_of(values);
  double sum = 0.0;
  for (std::size_t i = lag; i < values.size(); ++i) {
    sum += (values[i] - mean) * (values[i - lag] - mean);
  }
  return sum / static_cast<double>(values.size() - lag) / (mean * mean);
}

}  // namespace

TEST_CASE("a step takes base, prefill, sequences and context, added up") {
  SimOptions options;
  options.step_us = 100.0;
  options.prefill_us_per_token = 2.0;
  options.step_us_per_sequence = 3.0;
  options.step_us_per_kilotoken_context = 10.0;
  StepScript script(options);
  CHECK(script.next_step_ns({50, 4, 2000}, 0) == 100'000 + 100'000 + 12'000 + 20'000);
  CHECK(script.next_step_ns({0, 1, 0}, 7) == 103'000);
}

TEST_CASE("a script without times takes none, jitter or not") {
  SimOptions options;
  options.jitter_percent = 5.0;
  options.startup_excess_percent = 100.0;
  CHECK(StepScript(options).next_step_ns({1000, 64, 100000}, 0) == 0);
}

TEST_CASE("one seed gives the same jitter again, another seed other jitter") {
  SimOptions options;
  options.step_us = 1000.0;
  options.jitter_percent = 2.0;
  options.seed = 5;
  const auto first = step_lengths(options, 100);
  CHECK(first == step_lengths(options, 100));
  options.seed = 6;
  CHECK(first != step_lengths(options, 100));
}

TEST_CASE("jitter has the given standard deviation and autocorrelation, and no bias") {
  SimOptions options;
  options.step_us = 1000.0;
  options.jitter_percent = 2.0;
  options.autocorrelation = 0.5;
  const auto lengths = step_lengths(options, 200'000);
  CHECK(std::abs(mean_of(lengths) / 1e6 - 1.0) < 3e-4);
  const double variance = relative_covariance(lengths, 0);
  CHECK(std::sqrt(variance) == doctest::Approx(0.02).epsilon(0.02));
  CHECK(relative_covariance(lengths, 1) / variance == doctest::Approx(0.5).epsilon(0.03));
}

TEST_CASE("the excess of the start decays with the rounds") {
  SimOptions options;
  options.step_us = 1000.0;
  options.startup_excess_percent = 50.0;
  options.startup_time_constant_rounds = 2.0;
  StepScript script(options);
  CHECK(script.next_step_ns(kOneSequence, 0) == 1'500'000);
  CHECK(script.next_step_ns(kOneSequence, 2) ==
        static_cast<std::uint64_t>(std::llround(1e6 * (1.0 + 0.5 * std::exp(-1.0)))));
  CHECK(script.next_step_ns(kOneSequence, 1000) == 1'000'000);
}

TEST_CASE("tokens lie in the vocabulary, are no special ones and vary") {
  std::set<std::int32_t> seen;
  for (std::uint32_t position = 0; position < 1000; ++position) {
    const std::int32_t token = token_at(42, position, 100);
    CHECK(token >= 3);
    CHECK(token < 100);
    seen.insert(token);
  }
  CHECK(seen.size() == 97);
  CHECK(token_at(42, 0, 100) == token_at(42, 0, 100));
  CHECK(token_at(42, 0, 1 << 30) != token_at(43, 0, 1 << 30));
}
