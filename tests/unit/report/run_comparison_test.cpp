// Two finished runs side by side.
// SPDX-License-Identifier: Apache-2.0
#include "report/run_comparison.hpp"

#include <doctest/doctest.h>

#include "error.hpp"
#include "example_rows.hpp"
#include "report/manifest.hpp"

using namespace lmbench;
using report::compare_runs;
using report::FinishedRun;
using test::crashed_row;
using test::ok_row;

namespace {

report::CaseResultRow row_with(double output_tok_s, double half_width_percent, double n) {
  report::CaseResultRow row = ok_row();
  row.metrics->output_tok_s = output_tok_s;
  row.rounds_run = stats::RoundFigures{
      .warmup_rounds = 1,
      .test_rounds = static_cast<std::uint32_t>(n),
      .output_tok_s = stats::RateInterval{.n = static_cast<std::size_t>(n),
                                          .n_eff = n,
                                          .low = output_tok_s / (1 + half_width_percent / 100),
                                          .high = output_tok_s * (1 + half_width_percent / 100),
                                          .half_width_percent = half_width_percent}};
  return row;
}

FinishedRun run_of(const std::string& folder, std::vector<report::CaseResultRow> rows) {
  report::Manifest manifest;
  manifest.scenario_toml = "[scenario]\nname = \"" + folder + "\"\n";
  return {
      .folder = folder, .manifest_json = report::manifest_json(manifest), .rows = std::move(rows)};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("differences come first, then the figures, and at the end that it is no verdict") {
  const auto compared =
      compare_runs(run_of("one", {row_with(100, 1, 10)}), run_of("two", {row_with(104, 1, 10)}));
  CHECK(compared.compared_cases == 1);
  const auto differs = compared.text.find("scenario.scenario.name");
  const auto change = compared.text.find("+4.00 %");
  const auto no_verdict = compared.text.find("This is no verdict.");
  REQUIRE(no_verdict != std::string::npos);
  CHECK(differs < change);
  CHECK(change < no_verdict);
}

TEST_CASE("the interval of the change is wider than that of each run") {
  // sqrt(2) * t(18) / t(9) times a half-width of ln(1.01): 1.313 * 0.995 % = 1.307 %
  const auto compared =
      compare_runs(run_of("one", {row_with(100, 1, 10)}), run_of("two", {row_with(104, 1, 10)}));
  CHECK(contains(compared.text, "+2.65 to +5.37"));
}

TEST_CASE("runs with a single round have a change and no interval") {
  const auto compared = compare_runs(run_of("one", {ok_row()}), run_of("two", {ok_row()}));
  CHECK(contains(compared.text, "+0.00 %"));
  CHECK(contains(compared.text, "n/a"));
}

TEST_CASE("cases without figures, and those of one run alone, are named with the reason") {
  report::CaseResultRow other = ok_row();
  other.case_id = "03-b2-p9-r4";
  other.prompt_tokens = 9;
  report::CaseResultRow finished = ok_row();
  finished.concurrency = crashed_row().concurrency;
  const auto compared =
      compare_runs(run_of("one", {crashed_row(), other}), run_of("two", {finished, ok_row()}));
  CHECK(compared.compared_cases == 0);
  CHECK(contains(compared.text, "02-b4-p8-r4: A ended as crash"));
  CHECK(contains(compared.text, "03-b2-p9-r4: in A only"));
  CHECK(contains(compared.text, "01-b2-p8-r4: in B only"));
}

TEST_CASE("other prompts and flags of either run are remarks") {
  report::CaseResultRow other = ok_row();
  other.prompts_sha256 = "77";
  other.flags = {"host_stall"};
  const auto compared = compare_runs(run_of("one", {ok_row()}), run_of("two", {other}));
  CHECK(contains(compared.text, "other prompts; B: host_stall"));
}

TEST_CASE("an A/B session is refused: it has a comparison of its own") {
  report::CaseResultRow row = ok_row();
  row.variant = "base";
  CHECK_THROWS_WITH_AS(compare_runs(run_of("one", {ok_row()}), run_of("two", {row})),
                       doctest::Contains("'two' is of an A/B session"), Error);
}
