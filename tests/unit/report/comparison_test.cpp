// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "csv_table.hpp"
#include "report/comparison_files.hpp"
#include "report/comparison_text.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using namespace lmbench::report;
using stats::Verdict;

namespace {

stats::Effect effect_of(double value, double half_width) {
  return {.rounds = 18,
          .value = value,
          .spread = 0.004,
          .standard_error = half_width / 2,
          .degrees_of_freedom = 15,
          .half_width = half_width};
}

MetricComparison rate() {
  MetricComparison m;
  m.metric = "output_tok_s";
  m.unit = "1/s";
  m.base = 100;
  m.candidate = 98;
  m.effect = effect_of(std::log(0.98), 0.004);
  m.repeat = effect_of(0, 0.003);
  m.verdict = stats::GateVerdict{
      .verdict = Verdict::slower, .reason = "", .adjusted_p = 0.001, .rounds_needed = 12};
  m.notes = {"trend"};
  return m;
}

MetricComparison time() {
  MetricComparison m = rate();
  m.metric = "tpot";
  m.unit = "ms";
  m.is_more_better = false;
  m.verdict.reset();
  return m;
}

Comparison example() {
  CaseComparison c;
  c.case_id = "01-b1-p8-r16";
  c.concurrency = 1;
  c.prompt_tokens = 8;
  c.completion_tokens = 16;
  c.complete_rounds = 18;
  c.gates = {rate()};
  c.phases = {rate(), time()};
  c.phases[0].verdict.reset();
  c.outputs = OutputComparison{.sequences = 36,
                               .different = 2,
                               .repeat_sequences = 36,
                               .repeat_different = 0,
                               .first = Divergence{.round = 3, .sequence = 0, .position = 7}};
  Comparison comparison;
  comparison.scenario = "example";
  comparison.base_name = "base";
  comparison.base_plugin = "/a/x.so";
  comparison.base_build_id = "aaa";
  comparison.rounds = 18;
  comparison.seed = 5;
  comparison.mode = "fresh";
  comparison.candidates = {
      {.name = "candidate", .plugin = "/b/x.so", .build_id = "bbb", .cases = {c}}};
  return comparison;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a change is that of the metric itself, whatever is better") {
  // 2 % fewer tokens per second; and the same loss in a time is 2 % more of it.
  CHECK(change_of(rate()).value == doctest::Approx(-2));
  CHECK(change_of(rate()).low == doctest::Approx(100 * std::expm1(std::log(0.98) - 0.004)));
  CHECK(change_of(time()).value == doctest::Approx(100 * (1 / 0.98 - 1)));
  CHECK(change_of(time()).low < change_of(time()).value);
  CHECK(change_of(time()).high > change_of(time()).value);
  MetricComparison slope = time();
  slope.scale = Scale::difference;
  slope.effect = effect_of(-3, 1);
  CHECK(change_of(slope).value == 3);
  CHECK(change_of(slope).low == 2);
}

TEST_CASE("a change in a unit keeps its digits, however small it is") {
  Comparison comparison = example();
  MetricComparison& slope = comparison.candidates[0].cases[0].phases[1];
  slope.scale = Scale::difference;
  slope.unit = "ms";
  slope.effect = effect_of(-0.00065, 0.0001);
  const std::string table = comparison_table(comparison);
  CHECK(contains(table, "+0.000650 ms"));
  CHECK(contains(table, "+0.000550 to +0.000750"));
}

TEST_CASE("warnings about the session stand below its table, and in the JSON") {
  Comparison comparison = example();
  comparison.warnings = {"it rained"};
  CHECK(contains(comparison_table(comparison), "\nWarning: it rained.\n"));
  CHECK(contains(comparison_markdown(comparison), "\nWarning: it rained.\n"));
  CHECK(nlohmann::json::parse(comparison_json(comparison)).at("warnings").at(0) == "it rained");
}

TEST_CASE("the table has the verdict first, then figures, then where the change lies") {
  const std::string table = comparison_table(example());
  const std::size_t verdict = table.find("SLOWER");
  REQUIRE(verdict != std::string::npos);
  CHECK(verdict < table.find("where:"));
  CHECK(contains(table, "candidate (/b/x.so, build-id bbb) against base (/a/x.so, build-id aaa)"));
  CHECK(contains(table, "-2.00 %"));
  CHECK(contains(table, "+2.04 %"));
  CHECK(contains(table, "0.30 %"));
  CHECK(contains(table, "trend; 2 of 36 outputs differ, first in round 3, sequence 0, token 7"));
  CHECK(contains(table, "18 rounds, each build in a fresh process"));
}

TEST_CASE("an unclear verdict says what it lacks") {
  Comparison comparison = example();
  MetricComparison& gate = comparison.candidates[0].cases[0].gates[0];
  gate.verdict = stats::GateVerdict{.verdict = Verdict::unclear,
                                    .reason = "too_few_rounds",
                                    .adjusted_p = 1,
                                    .rounds_needed = 36};
  gate.minutes_needed = 3;
  const std::string table = comparison_table(comparison);
  CHECK(contains(table, "UNCLEAR (too_few_rounds)"));
  CHECK(contains(table, "needs about 36 rounds (3 min 00 s)"));
  gate.verdict->rounds_needed.reset();
  CHECK(contains(comparison_table(comparison), "no number of rounds would do"));
}

TEST_CASE("what is not available is n/a in the table and an empty cell in the file") {
  Comparison comparison = example();
  MetricComparison& gate = comparison.candidates[0].cases[0].gates[0];
  gate.effect.reset();
  gate.repeat.reset();
  gate.base.reset();
  CHECK(contains(comparison_table(comparison), "n/a"));
  const auto rows = test::csv_table(comparison_csv(comparison));
  CHECK(rows[0].at("change").empty());
  CHECK(rows[0].at("noise_floor").empty());
  CHECK(rows[0].at("base").empty());
}

TEST_CASE("comparison.csv has a line for every gate and phase of every case") {
  const auto rows = test::csv_table(comparison_csv(example()));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].at("verdict") == "SLOWER");
  CHECK(rows[0].at("kind") == "gate");
  CHECK(rows[0].at("change") == "-2");
  CHECK(rows[0].at("rounds_needed") == "12");
  CHECK(rows[0].at("notes") == "trend");
  CHECK(rows[2].at("metric") == "tpot");
  CHECK(rows[2].at("verdict").empty());
}

TEST_CASE("comparison.json says the same to programs") {
  const auto json = nlohmann::json::parse(comparison_json(example()));
  const auto& c = json.at("candidates").at(0).at("cases").at(0);
  CHECK(json.at("min_effect_percent").get<double>() == doctest::Approx(0.3));
  CHECK(c.at("gates").at(0).at("verdict") == "SLOWER");
  CHECK(c.at("gates").at(0).at("change").get<double>() == doctest::Approx(-2));
  CHECK(c.at("outputs").at("first").at("position") == 7);
  CHECK(c.at("phases").size() == 2);
}

TEST_CASE("the Markdown is a table that a pull request shows") {
  const std::string text = comparison_markdown(example());
  CHECK(contains(text, "## lmbench: example\n"));
  CHECK(contains(text, "| SLOWER | 01-b1-p8-r16 | output_tok_s |"));
  CHECK(contains(text, "|---|---|"));
  CHECK(contains(text, "<details>"));
}

TEST_CASE("all three files are written") {
  const test::TemporaryFolder folder;
  write_comparison(folder.path(), example());
  for (const char* name : {"comparison.csv", "comparison.json", "comparison.md"}) {
    CHECK(std::filesystem::file_size(folder.path() / name) > 100);
  }
}
