// SPDX-License-Identifier: Apache-2.0
#include "report/results_csv.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "csv_table.hpp"
#include "error.hpp"
#include "example_rows.hpp"
#include "report/legacy_csv.hpp"
#include "temporary_folder.hpp"

using namespace lmbench::report;
using lmbench::test::crashed_row;
using lmbench::test::csv_table;
using lmbench::test::CsvRow;
using lmbench::test::ok_row;
using lmbench::test::TemporaryFolder;

namespace {

CsvRow cells_of(const CaseResultRow& row) {
  return csv_table(results_header() + results_line(row)).at(0);
}

}  // namespace

TEST_CASE("the twelve legacy columns come first, then what the row is of") {
  const std::string header = results_header();
  CHECK(header.starts_with(
      "batch,prompt_tokens,completion_tokens,throughput(out tok/s),mem(GB),FTL(ave)(s),"
      "FTL(min)(s),FTL(max)(s),50%(s),75%(s),95%(s),99%(s),case_id,config_hash,status,reason,last_"
      "words,"
      "engine_build_id,tp,round_mode,rounds,flags,prompts_sha256,"));
  for (std::size_t i = 0; i < kLegacyColumnCount; ++i) {
    CHECK(result_columns()[i].name == legacy_columns()[i]);
  }
}

TEST_CASE("no two columns share a name, and each has a unit and a formula") {
  std::set<std::string> names;
  for (const Column& column : result_columns()) {
    CHECK(names.insert(column.name).second);
    CHECK_FALSE(column.unit.empty());
    CHECK_FALSE(column.formula.empty());
  }
}

TEST_CASE("times are printed to the nanosecond in the unit of their column") {
  const CsvRow cells = cells_of(ok_row());
  CHECK(cells.at("FTL(ave)(s)") == "0.015");
  CHECK(cells.at("ftl_n") == "6");
  CHECK(cells.at("ftl_n_eff") == "5.5");
  CHECK(cells.at("ftl_ms_mean") == "15.000000");
  CHECK(cells.at("ftl_ms_max") == "20.400000");
  CHECK(cells.at("step_gap_ms_mean") == "7.333333");
  CHECK(cells.at("step_gap_ms_p50") == "6.000000");
  CHECK(cells.at("step_gap_ms_p50_low") == "6.000000");
  CHECK(cells.at("step_gap_ms_p50_high") == "10.000000");
  CHECK(cells.at("submit_lag_us_mean") == "1.234");
  CHECK(cells.at("output_tok_s") == "97.5609756");
  CHECK(cells.at("test_s") == "0.246000000");
  CHECK(cells.at("status") == "ok");
  CHECK(cells.at("round_mode") == "closed");
}

TEST_CASE("what is not available is an empty cell and never 0") {
  const CsvRow ok = cells_of(ok_row());
  CHECK(ok.at("ftl_ms_p50").empty());  // below the guard
  CHECK(ok.at("step_gap_ms_p75_low") == "6.000000");
  CHECK(ok.at("step_gap_ms_p75_high").empty());  // 12 observations cannot say it
  CHECK(ok.at("step_gap_ms_p99").empty());
  CHECK(ok.at("queue_engine_n").empty());
  CHECK(ok.at("queue_engine_ms_mean").empty());
  CHECK(ok.at("mem(GB)").empty());
  CHECK(ok.at("mem_kv_peak_bytes").empty());
  CHECK(ok.at("harness_share_percent").empty());
  CHECK(ok.at("prefill_tok_s").empty());

  const std::set<std::string> known = {"batch",      "prompt_tokens", "completion_tokens",
                                       "case_id",    "status",        "reason",
                                       "round_mode", "rounds",        "flags"};
  for (const auto& named_cell : cells_of(crashed_row())) {
    CAPTURE(named_cell.first);
    CHECK(named_cell.second.empty() == (known.count(named_cell.first) == 0));
  }
}

TEST_CASE("a reason with commas, quotes and line ends is one cell") {
  const CsvRow cells = cells_of(crashed_row());
  CHECK(cells.at("reason") == crashed_row().outcome.reason);
  CHECK(cells.at("flags") == "kv_overcommit no_prefill");
}

TEST_CASE("a row is in the file when it was added, and a line ends with LF") {
  const TemporaryFolder folder;
  const auto read = [&] {
    std::ifstream in(folder.path() / "results.csv", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  ResultsCsv csv(folder.path() / "results.csv");
  CHECK(read() == results_header());
  csv.add(ok_row());
  CHECK(read() == results_header() + results_line(ok_row()));
  CHECK(read().find('\r') == std::string::npos);
}

TEST_CASE("a full disk is an error that names the file") {
  if (!std::filesystem::exists("/dev/full")) return;
  CHECK_THROWS_WITH_AS(ResultsCsv("/dev/full"), "cannot write '/dev/full': No space left on device",
                       lmbench::Error);
}
