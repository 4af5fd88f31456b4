// SPDX-License-Identifier: Apache-2.0
#include "case_figures.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

using namespace turbomind::perf;

namespace {

const std::vector<std::string> kColumns{"batch",
                                        "prompt_tokens",
                                        "completion_tokens",
                                        "status",
                                        "reason",
                                        "flags",
                                        "output_tok_s",
                                        "prefill_tok_s",
                                        "decode_tok_s",
                                        "mean_batch_steady",
                                        "mem_kv_reserved_bytes",
                                        "sm_clock_mhz_mean"};

std::string header() {
  std::string line;
  for (const std::string& column : kColumns) line += (line.empty() ? "" : ",") + column;
  return line + "\n";
}

}  // namespace

TEST_CASE("figures are found by the names of their columns; an empty cell is not available") {
  const std::vector<CaseFigures> cases =
      parse_cases(header() + "16,128,32,ok,,kv_overcommit coalesced,1000,2000,1600,8,64e9,\n" +
                  "1,1,128,oom,\"no, none\",,,,,,,\n1,1,");
  REQUIRE(cases.size() == 2);
  CHECK(cases[0].rows == 16);
  CHECK(cases[0].prompt_tokens == 128);
  CHECK(cases[0].completion_tokens == 32);
  CHECK(cases[0].is_overcommitted());
  CHECK(cases[0].step_s().value() == doctest::Approx(0.005));
  CHECK(cases[0].kv_reserved_bytes.value() == 64e9);
  CHECK_FALSE(cases[0].sm_clock_mhz);
  CHECK(cases[1].status == "oom");
  CHECK(cases[1].reason == "no, none");
  CHECK_FALSE(cases[1].output_tok_s);
  CHECK_FALSE(cases[1].step_s());
}

TEST_CASE("a missing column is named, an empty file has no cases") {
  CHECK_THROWS_WITH_AS(parse_cases("batch\n1\n"), "results.csv has no column 'prompt_tokens'",
                       std::runtime_error);
  CHECK(parse_cases("").empty());
}

TEST_CASE("the columns are those of results.csv") {
  std::ifstream in(LMBENCH_SOURCE_DIR "/docs/metrics.md");  // which a test holds to the real ones
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const std::string& column : kColumns) {
    CAPTURE(column);
    CHECK(text.find("| `" + column + "` |") != std::string::npos);
  }
}
