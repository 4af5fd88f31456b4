// SPDX-License-Identifier: Apache-2.0
#include "report/legacy_csv.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "error.hpp"
#include "example_rows.hpp"
#include "temporary_folder.hpp"

using lmbench::report::CaseResultRow;
using lmbench::report::LegacyCsv;
using lmbench::test::crashed_row;
using lmbench::test::ok_row;
using lmbench::test::TemporaryFolder;

namespace {

constexpr const char* kHeader =
    "batch,prompt_tokens,completion_tokens,throughput(out tok/s),mem(GB),FTL(ave)(s),FTL(min)(s),"
    "FTL(max)(s),50%(s),75%(s),95%(s),99%(s)\r\n";

std::string written(const std::vector<CaseResultRow>& rows) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "legacy.csv";
  std::ofstream(file) << "an older file, longer than what comes\n";
  LegacyCsv csv(file);
  for (const CaseResultRow& row : rows) csv.add(row);
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("the file has the bytes of profile_generation.py") {
  CaseResultRow with_memory = ok_row();
  with_memory.device_memory_gib = 76.5;
  CHECK(written({ok_row(), crashed_row(), with_memory}) ==
        std::string(kHeader) +
            "2,8,4,97.56,,0.015,0.01,0.02,0.006,0.008,0.014,1.0\r\n"
            "4,8,4,,,,,,,,,\r\n"
            "2,8,4,97.56,76.50,0.015,0.01,0.02,0.006,0.008,0.014,1.0\r\n");
}

TEST_CASE("one new token per request leaves the four percentiles empty") {
  CaseResultRow row = ok_row();
  row.completion_tokens = 1;
  row.legacy->token_latency_s.reset();
  CHECK(written({row}) == std::string(kHeader) + "2,8,1,97.56,,0.015,0.01,0.02,,,,\r\n");
}

TEST_CASE("a case that is invalid has no figures where nothing marks them") {
  CaseResultRow row = ok_row();
  row.outcome = {lmbench::run::Status::invalid, "cached_prompts"};
  CHECK(written({row}) == std::string(kHeader) + "2,8,4,,,,,,,,,\r\n");
}

TEST_CASE("a path that cannot be written is a usage error") {
  try {
    const LegacyCsv csv("/no/such/folder/legacy.csv");
    FAIL("no error");
  } catch (const lmbench::Error& e) {
    CHECK(std::string(e.what()) ==
          "cannot write '/no/such/folder/legacy.csv': No such file or directory");
    CHECK(e.exit_code() == lmbench::ExitCode::bad_usage);
  }
}
