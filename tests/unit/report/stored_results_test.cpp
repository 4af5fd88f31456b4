// What results.csv of a cut run says, and what of it can be trusted.
// SPDX-License-Identifier: Apache-2.0
#include "report/stored_results.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "error.hpp"
#include "example_rows.hpp"
#include "report/console.hpp"
#include "report/results_csv.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using report::read_results;
using test::crashed_row;
using test::ok_row;

namespace {

struct File {
  explicit File(const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
  test::TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "results.csv";
};

std::string two_rows() {
  return report::results_header() + results_line(ok_row()) + results_line(crashed_row());
}

report::CaseResultRow full_row() {
  report::CaseResultRow row = ok_row();
  row.metrics->prefill_tok_s = 1234.5;
  row.metrics->decode_tok_s = 97.123456789;
  row.metrics->tpot.n = 6;
  row.metrics->tpot.mean = 7.25e6;
  row.flags = {"coalesced", "harness_heavy"};
  return row;
}

}  // namespace

TEST_CASE("rows come back with the bytes they have, and the table shows them as before") {
  const std::vector<report::CaseResultRow> rows{full_row(), crashed_row()};
  const File file(report::results_header() + results_line(rows[0]) + results_line(rows[1]));
  const auto stored = read_results(file.path);
  REQUIRE(stored.rows.size() == 2);
  CHECK(stored.rows[0].line == results_line(rows[0]));
  CHECK(stored.rows[1].line == results_line(rows[1]));
  CHECK(stored.rows[1].row.outcome.reason == rows[1].outcome.reason);
  CHECK(stored.rows[0].row.config_hash == "c0ffee");
  CHECK(stored.rows[0].row.prompts_sha256 == "5a5a");
  CHECK(stored.rows[0].legacy_cells == report::legacy_cells(rows[0]));
  CHECK(report::final_table({stored.rows[0].row, stored.rows[1].row}) == report::final_table(rows));
  CHECK(stored.whole_bytes == std::filesystem::file_size(file.path));
}

TEST_CASE("a row that was not written to its end is none, wherever it was cut") {
  const std::string whole = report::results_header() + results_line(ok_row());
  const std::string torn = results_line(crashed_row());  // with a line end inside a cell
  for (std::size_t bytes = 0; bytes < torn.size(); ++bytes) {
    const File file(whole + torn.substr(0, bytes));
    const auto stored = read_results(file.path);
    REQUIRE(stored.rows.size() == 1);
    REQUIRE(stored.whole_bytes == whole.size());
  }
}

TEST_CASE("a last line of the right end and the wrong width is torn too") {
  const File file(two_rows() + std::string(5, '\0') + "\n");
  CHECK(read_results(file.path).rows.size() == 2);
  CHECK(read_results(file.path).whole_bytes == two_rows().size());
}

TEST_CASE("a file without its header has no row and no whole byte") {
  CHECK(read_results("/no/such/results.csv").rows.empty());
  const File file(report::results_header().substr(0, 20));
  CHECK(read_results(file.path).rows.empty());
  CHECK(read_results(file.path).whole_bytes == 0);
}

TEST_CASE("a damaged row in the middle and other columns are told") {
  const File damaged(report::results_header() + "1,2,3\n" + results_line(ok_row()));
  CHECK_THROWS_WITH_AS(read_results(damaged.path), doctest::Contains("row 1: has 3 cells"), Error);
  const File other("batch,status\n1,ok\n");
  CHECK_THROWS_WITH_AS(read_results(other.path), doctest::Contains("has other columns"), Error);
}
