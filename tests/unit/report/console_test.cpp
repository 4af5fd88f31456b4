// SPDX-License-Identifier: Apache-2.0
#include "report/console.hpp"

#include <doctest/doctest.h>

#include "example_rows.hpp"

using namespace lmbench::report;
using lmbench::test::crashed_row;
using lmbench::test::ok_row;

TEST_CASE("the block of a case has the lines of the original, then status and flags") {
  CHECK(case_block(ok_row()) ==
        "\n--------------------------------------------------\n"
        "total time: 0.25s\n"
        "concurrency: 2, test_round: 3\n"
        "input_tokens: 8, output_tokens: 4\n"
        "first_token latency(min, max, ave): 0.01s, 0.02s, 0.015s\n"
        "total_token latency(min, max, ave): 0.032s, 0.046s, 0.037s\n"
        "token_latency percentiles(50%,75%,95%,99%)(s): [0.006, 0.008, 0.014, 1.0]\n"
        "throughput: 97.56 token/s\n"
        "status: ok\n"
        "flags: none\n"
        "--------------------------------------------------\n");
}

TEST_CASE("the block of a failed case says its shape and why, on one line") {
  CHECK(case_block(crashed_row()) ==
        "\n--------------------------------------------------\n"
        "concurrency: 4, test_round: 3\n"
        "input_tokens: 8, output_tokens: 4\n"
        "status: crash: signal SIGSEGV, it said: \"no, not me\"\n"
        "flags: kv_overcommit no_prefill\n"
        "--------------------------------------------------\n");
}

TEST_CASE("without a gap the percentiles of a block are n/a") {
  CaseResultRow row = ok_row();
  row.legacy->token_latency_s.reset();
  CHECK(case_block(row).find("(50%,75%,95%,99%)(s): n/a\n") != std::string::npos);
}

TEST_CASE("the final table has one line for each case, with n/a and reasons") {
  CHECK(final_table({ok_row(), crashed_row()}) ==
        "case         status  batch  prompt  completion  output tok/s  prefill tok/s  decode tok/s"
        "  FTL ms  TPOT ms  gap p50 ms  gap p99 ms  remarks\n"
        "01-b2-p8-r4      ok      2       8           4         97.56            n/a           n/a"
        "  15.000      n/a       6.000         n/a\n"
        "02-b4-p8-r4   crash      4       8           4           n/a            n/a           n/a"
        "     n/a      n/a         n/a         n/a  signal SIGSEGV, it said: \"no, not me\"; "
        "kv_overcommit no_prefill\n");
}

TEST_CASE("a long reason is cut where it is shown") {
  const std::string text = outcome_text({lmbench::run::Status::hang, std::string(500, 'x')});
  CHECK(text == "hang: " + std::string(120, 'x') + "...");
  CHECK(outcome_text({}) == "ok");
}
