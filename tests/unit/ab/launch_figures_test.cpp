// SPDX-License-Identifier: Apache-2.0
#include "ab/launch_figures.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "scenario/scenario_reader.hpp"
#include "scripted_record.hpp"

using namespace lmbench;
using namespace lmbench::ab;

TEST_CASE("a launch is summed up in one number for each metric, in the metric's unit") {
  // Two rounds: first tokens after 10 and 14 ms, then steps of 2 and 4 ms.
  test::ScriptedRecord record(100, true);
  record.add({.round = 0, .due_ms = 0, .events = {{10, 1}, {12, 1}, {14, 1}, {16, 1}}});
  record.add({.round = 1, .due_ms = 20, .events = {{34, 1}, {38, 1}, {42, 1}, {46, 1}}});
  const auto figures = figures_of(stats::launch_summary(record.record()), 1.5);
  CHECK(figures.value(Metric::output_tok_s) == doctest::Approx(8 / 0.046));
  CHECK(figures.value(Metric::ftl) == doctest::Approx(12));
  CHECK(figures.value(Metric::tpot) == doctest::Approx(3));
  CHECK(figures.value(Metric::step_gap) == doctest::Approx(3));
  CHECK(figures.value(Metric::load) == doctest::Approx(1.5));
  CHECK(figures.value(Metric::first_prefill) == doctest::Approx(10));
  CHECK(figures.value(Metric::prefill_tok_s) == doctest::Approx(200 / 0.024));
  CHECK(figures.value(Metric::decode_constant) == doctest::Approx(3));
  CHECK(figures.value(Metric::decode_slope) == doctest::Approx(0));
  CHECK(figures.within_error.value_or(0) > 0);
}

TEST_CASE("what a launch does not have is not available") {
  const auto figures = figures_of(stats::launch_summary({}), std::nullopt);
  for (const auto& value : figures.values) CHECK_FALSE(value);
  CHECK_FALSE(figures.within_error);
}

TEST_CASE("more gain is better, whatever the metric") {
  CHECK(gain_of(Metric::output_tok_s, 110) - gain_of(Metric::output_tok_s, 100) ==
        doctest::Approx(std::log(1.1)));
  CHECK(gain_of(Metric::tpot, 110) - gain_of(Metric::tpot, 100) == doctest::Approx(-std::log(1.1)));
  CHECK(gain_of(Metric::decode_slope, 3) - gain_of(Metric::decode_slope, 1) == -2);
}

TEST_CASE("a scenario may name every metric that can be a gate") {
  std::string gates = gate_metric_names();
  for (std::size_t at = 0; (at = gates.find(", ", at)) != std::string::npos; at += 4) {
    gates.replace(at, 2, "\",\"");
  }
  const std::string text =
      "[engine]\nplugin = \"sim\"\n[matrix]\nconcurrency = [1]\nprompt_tokens = [1]\n"
      "completion_tokens = [1]\n[ab]\ngate = [\"" +
      gates + "\"]\n";
  const auto scenario = scenario::read_scenario(text, "x.toml", {});
  CHECK(scenario.ab.gate.size() == 6);
  for (const std::string& name : scenario.ab.gate) CHECK(gate_metric(name));
}

TEST_CASE("gates are metrics of all requests, by name") {
  CHECK(gate_metric("output_tok_s") == Metric::output_tok_s);
  CHECK(gate_metric("ftl") == Metric::ftl);
  CHECK_FALSE(gate_metric("load"));
  CHECK_FALSE(gate_metric("decode_slope"));
  CHECK_FALSE(gate_metric("speed"));
  CHECK(gate_metric_names() == "output_tok_s, ftl, tpot, prefill_tok_s, decode_tok_s, step_gap");
}
