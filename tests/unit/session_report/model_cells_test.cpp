// SPDX-License-Identifier: Apache-2.0
#include "model_cells.hpp"

#include <doctest/doctest.h>

#include "ideal_session.hpp"

using namespace turbomind::perf;
using turbomind::perf::test::h100;
using turbomind::perf::test::ideal_case;
using turbomind::perf::test::ideal_session;

namespace {

constexpr double kTolerance = 2e-3;

Cell cell_in(const std::vector<CaseFigures>& cases, std::uint32_t rows, std::uint32_t prompt_tokens,
             std::uint32_t completion_tokens) {
  const std::vector<Cell> cells = cells_of(cases, h100());
  const Cell* const cell = find_cell(cells, rows, prompt_tokens, completion_tokens);
  REQUIRE(cell != nullptr);
  return *cell;
}

}  // namespace

TEST_CASE("the least times are those of the published table: H100, fp16, nominal") {
  const LeastTime least = h100();
  const auto step_ms = [&](std::uint32_t rows, std::uint32_t prompt, std::uint32_t completion) {
    const double steps_s = least.batch_s(rows, prompt, completion) - least.prefill_s(rows, prompt);
    return steps_s * 1e3 / (completion - 1);
  };
  CHECK(step_ms(1, 1, 128) == doctest::Approx(4.129).epsilon(kTolerance));
  CHECK(step_ms(1, 128, 128) == doctest::Approx(4.149).epsilon(kTolerance));
  CHECK(step_ms(1, 2048, 2048) == doctest::Approx(4.600).epsilon(kTolerance));
  CHECK(step_ms(16, 128, 2048) == doctest::Approx(7.01).epsilon(kTolerance));
  CHECK(step_ms(64, 2048, 2048) == doctest::Approx(34.90).epsilon(kTolerance));
  const auto tok_s = [&](std::uint32_t rows, std::uint32_t prompt, std::uint32_t completion) {
    return rows * completion / least.batch_s(rows, prompt, completion);
  };
  CHECK(tok_s(16, 2048, 128) == doctest::Approx(1247).epsilon(kTolerance));
  CHECK(tok_s(64, 1, 128) == doctest::Approx(13403).epsilon(kTolerance));
  CHECK(tok_s(64, 128, 128) == doctest::Approx(9349).epsilon(kTolerance));
}

TEST_CASE("an engine at 80 % of every limit is found at 80 %, measured and sampled") {
  const std::vector<Cell> cells = cells_of(ideal_session({1, 16}, 1 / 0.8), h100());
  CHECK(cells.size() == 4 * 5);
  for (const Cell& cell : cells) {
    CAPTURE(cell.rows);
    CAPTURE(cell.prompt_tokens);
    CAPTURE(cell.completion_tokens);
    if (cell.rows > 16) {
      CHECK(cell.origin == Origin::absent);
      continue;
    }
    CHECK(cell.origin == (cell.completion_tokens == 2048 ? Origin::sampled : Origin::measured));
    CHECK(cell.roofline_percent.value() == doctest::Approx(80).epsilon(kTolerance));
    CHECK(cell.mbu_percent.value() == doctest::Approx(80).epsilon(kTolerance));
    if (cell.prompt_tokens == 2048) {
      CHECK(cell.mfu_percent.value() == doctest::Approx(80).epsilon(kTolerance));
    }
    if (cell.prompt_tokens == 1) CHECK_FALSE(cell.mfu_percent);
  }
}

TEST_CASE("the rate of a sampled cell is that of the whole cell") {
  const std::vector<CaseFigures> cases = ideal_session({16}, 1.1);
  const Cell cell = cell_in(cases, 16, 128, 2048);
  CHECK(cell.output_tok_s.value() == doctest::Approx(2281 / 1.1).epsilon(kTolerance));
  CHECK(cell.step_s.value() * 1e3 == doctest::Approx(7.01 * 1.1).epsilon(kTolerance));
  CHECK(cell.remark == "4 contexts, at most 0.0 % off a line");
}

TEST_CASE("a line is drawn only where steps reach the first and the last contexts") {
  std::vector<CaseFigures> cases{ideal_case(1, 2048, 128, 1), ideal_case(1, 3072, 32, 1)};
  CHECK(cell_in(cases, 1, 2048, 2048).origin == Origin::absent);
  CHECK(cell_in(cases, 1, 2048, 2048).remark == "not sampled to its end");
  CHECK(cell_in(cases, 1, 128, 2048).remark == "not sampled to its end");
  cases.push_back(ideal_case(1, 4064, 32, 1));
  CHECK(cell_in(cases, 1, 2048, 2048).origin == Origin::sampled);
  cases.back().status = "invalid";
  CHECK(cell_in(cases, 1, 2048, 2048).origin == Origin::absent);
}

TEST_CASE("steps of a batch that did not fit are no samples") {
  std::vector<CaseFigures> cases = ideal_session({16}, 1);
  for (CaseFigures& one : cases) {
    if (one.prompt_tokens == 4064) one.flags = "kv_overcommit";
  }
  CHECK(cell_in(cases, 16, 2048, 2048).origin == Origin::absent);
}

TEST_CASE("a batch that does not fit says how many rows do, or is held to the waves it needs") {
  std::vector<CaseFigures> cases = ideal_session({64}, 1);
  const Cell absent = cell_in(cases, 64, 2048, 2048);
  CHECK(absent.origin == Origin::absent);
  CHECK_FALSE(absent.fits);
  CHECK(absent.remark == "does not fit: 29 rows do");
  CHECK_FALSE(roofline_target_percent(absent));
  // 64 GB hold 56 rows of 2175 tokens: two waves of 32.
  for (CaseFigures& one : cases) {
    if (one.prompt_tokens == 2048) {
      one.output_tok_s = 64 * 128 / (2 * h100().batch_s(32, 2048, 128));
    }
  }
  const Cell waves = cell_in(cases, 64, 2048, 128);
  CHECK(waves.origin == Origin::measured);
  CHECK(waves.roofline_percent.value() == doctest::Approx(100));
}

TEST_CASE("without the card's limits there are times but no shares") {
  const LeastTime h100_model = h100();
  const LeastTime unknown(h100_model.model(), {});
  const std::vector<Cell> cells = cells_of(ideal_session({1}, 1), unknown);
  for (const Cell& cell : cells) {
    CHECK(cell.step_s.has_value() == (cell.rows == 1));
    CHECK_FALSE(cell.roofline_percent);
    CHECK_FALSE(cell.mbu_percent);
    CHECK_FALSE(cell.mfu_percent);
  }
}

TEST_CASE("a case that failed says why") {
  CaseFigures failed = ideal_case(1, 1, 128, 1);
  failed.status = "oom";
  failed.reason = "no memory";
  const Cell cell = cell_in({failed}, 1, 1, 128);
  CHECK(cell.origin == Origin::absent);
  CHECK(cell.remark == "oom: no memory");
  CHECK(cell_in({}, 1, 1, 128).remark == "not run");
}
