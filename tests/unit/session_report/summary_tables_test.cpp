// SPDX-License-Identifier: Apache-2.0
#include "summary_tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "ideal_session.hpp"

using namespace turbomind::perf;
using turbomind::perf::test::h100;
using turbomind::perf::test::ideal_session;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("each cell stands beside its targets") {
  const std::vector<Cell> cells = cells_of(ideal_session({1}, 1 / 0.8), h100());
  const std::string table = cells_table(cells);
  CHECK(std::count(table.begin(), table.end(), '\n') == 2 + 4 * 5);
  CHECK(has(table,
            "| 1 | (1,128) | measured | 5.162 | 193.7 | 80.0 (75: met) | "
            "80.0 (85: **missed**) | - | - |"));
  CHECK(has(table, "| 1 | (2048,2048) | sampled; "));
  CHECK(has(table, "80.0 (60: met)"));
  CHECK(has(table, "| 64 | (2048,2048) | not run | - | - | - | - | - | - |"));
}

TEST_CASE("a share beyond the limit is not a target that was met") {
  Cell cell;
  cell.rows = 1;
  cell.origin = Origin::measured;
  cell.mbu_percent = 130;
  CHECK(has(cells_table({cell}), "| 130.0 (**impossible**) |"));
  cell.mbu_percent = 103;
  CHECK(has(cells_table({cell}), "| 103.0 (85: met) |"));
}

TEST_CASE("the peer's rows have ours beside them") {
  const std::vector<Cell> cells = cells_of(ideal_session({1}, 1), h100());
  const std::string table = peer_table({{1, 128, 128, 24.1}, {16, 128, 128, 100}}, cells);
  CHECK(has(table, "| 1 | (128,128) | 24.1 | 241.0 | 10.00 |"));
  CHECK(has(table, "| 16 | (128,128) | 100.0 | - | - |"));
}

TEST_CASE("early starts are set beside none, where they ran") {
  const std::vector<Cell> cells = cells_of(ideal_session({1}, 1.25), h100());
  std::vector<Cell> early = cells_of(ideal_session({1}, 1), h100());
  std::erase_if(early, [](const Cell& cell) { return cell.prompt_tokens != 128; });
  const std::string table = early_cells_table(early, cells);
  CHECK(has(table, "| 1 | (128,128) | 4.149 | 5.187 | 100.0 (85: met) |"));
  CHECK(std::count(table.begin(), table.end(), '\n') == 2 + 1);
}

TEST_CASE("a kernel is held to the slower of its limits") {
  const Ceilings ceilings{1e12, 1e15};
  CHECK(roof_s({"k", "s", 2e6, 1e9, 0, 0}, ceilings) == doctest::Approx(2e-6));
  CHECK(roof_s({"k", "s", 1, 4e9, 0, 0}, ceilings) == doctest::Approx(4e-6));
  CHECK(has(kernels_table({{"k", "s", 2e6, 1e9, 4e-6, 3e-6}}, ceilings),
            "| k | s | 4.0 | 3.0 | 500 | 250.0 | 50.0 |"));
}
