// SPDX-License-Identifier: Apache-2.0
#include "assumptions.hpp"

#include <doctest/doctest.h>

#include "ideal_session.hpp"

using namespace turbomind::perf;
using turbomind::perf::test::h100;

namespace {

Observations nothing_seen() {
  return {.least = h100(),
          .layers = 32,
          .boundaries = {},
          .kernels = {},
          .cells = {},
          .early_cells = {}};
}

std::optional<double> seen_of(const Observations& seen, const std::string& what,
                              const std::string& how_begins) {
  for (const Assumption& row : compare_assumptions(seen)) {
    if (row.what == what && row.how.starts_with(how_begins)) return row.seen;
  }
  FAIL("no row '" << what << "'");
  return std::nullopt;
}

}  // namespace

TEST_CASE("what was not seen is empty, but for the read bandwidth") {
  for (const Assumption& row : compare_assumptions(nothing_seen())) {
    CAPTURE(row.what);
    CHECK(row.seen.has_value() == (row.what == "read bandwidth"));
  }
}

TEST_CASE("overhead and rate of products come from a line through those of one row") {
  Observations seen = nothing_seen();
  for (const double bytes : {50e6, 132e6, 462e6}) {
    seen.kernels.push_back({"cublaslt", "x, M = 1", bytes, 0, 4.2e-6 + bytes / 3.16e12, 0});
    seen.kernels.push_back({"cublaslt", "x, M = 16", bytes, 0, 1, 0});
  }
  CHECK(seen_of(seen, "overhead of a product", "a line").value() == doctest::Approx(4.2));
  CHECK(seen_of(seen, "rate of a product", "a line").value() == doctest::Approx(3.16));
}

TEST_CASE("what a step loses between its 229 kernels is the boundary in the model") {
  Observations seen = nothing_seen();
  Cell cell;
  cell.rows = 1;
  cell.prompt_tokens = cell.completion_tokens = 128;
  cell.step_s = h100().step_reading_s(1, 192) + 229 * 2.9e-6;
  seen.cells.push_back(cell);
  CHECK(seen_of(seen, "boundary", "(step").value() == doctest::Approx(2.9));
  cell.step_s = h100().step_reading_s(1, 192) + 229 * 1.0e-6;
  seen.early_cells.push_back(cell);
  CHECK(seen_of(seen, "boundary, early starts", "(step").value() == doctest::Approx(1.0));
}

TEST_CASE("prefill attention is judged by its long prompts") {
  Observations seen = nothing_seen();
  seen.kernels.push_back({"prefill_attention", "P = 128, K = 32", 0, 9.89e14, 1, 1});
  seen.kernels.push_back({"prefill_attention", "P = 2048, K = 32", 0, 3.4615e14, 1, 1});
  CHECK(seen_of(seen, "prefill attention", "best").value() == doctest::Approx(35));
}
