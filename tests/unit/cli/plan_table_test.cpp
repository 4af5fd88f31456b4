// SPDX-License-Identifier: Apache-2.0
#include "cli/plan_table.hpp"

#include <doctest/doctest.h>

using namespace lmbench;

namespace {

scenario::Scenario small_scenario() {
  scenario::Scenario s;
  s.name = "small";
  s.engine.plugin = "sim";
  s.measure.warmup_rounds = 1;
  s.measure.test_rounds = 3;
  s.matrix = {.concurrency = {1, 32}, .lengths = {{.prompt_tokens = 1, .completion_tokens = 128}}};
  return s;
}

process::ModelFigures figures() {
  process::ModelFigures f;
  f.kv_block_tokens = 128;
  f.kv_capacity_tokens = 16 * 128;
  f.kv_bytes_per_token = 1024 * 1024;
  f.weight_bytes_per_step = 1024.0 * 1024 * 1024;
  f.read_bytes_per_s = 1024.0 * 1024 * 1024;
  return f;
}

const std::vector<scenario::Case> kPlan{{.index = 0,
                                         .case_id = "01-b1-p1-r128",
                                         .concurrency = 1,
                                         .prompt_tokens = 1,
                                         .completion_tokens = 128},
                                        {.index = 1,
                                         .case_id = "02-b32-p1-r128",
                                         .concurrency = 32,
                                         .prompt_tokens = 1,
                                         .completion_tokens = 128}};

}  // namespace

TEST_CASE("a plan shows blocks, memory and time of each case and marks what does not fit") {
  const std::string text = cli::plan_table(small_scenario(), kPlan, figures());
  CHECK(text.find("engine sim, 2 cases, each 1 warm-up and 3 test rounds") != std::string::npos);
  scenario::Scenario open = small_scenario();
  open.measure.warmup_rounds.reset();
  open.measure.test_rounds.reset();
  CHECK(cli::plan_table(open, kPlan, figures())
            .find("each warm-up until steady (at most 20 rounds, 120 s) and test rounds until "
                  "+-1 % (6 to 50, 120 s)\n") != std::string::npos);
  CHECK(text.find("2/16") != std::string::npos);  // 129 tokens in blocks of 128
  CHECK(text.find("64/16") != std::string::npos);
  CHECK(text.find("kv_overcommit no_prefill") != std::string::npos);
  CHECK(text.find("0.250") != std::string::npos);  // 2 blocks of 128 MiB
  CHECK(text.find("at least: unknown") == std::string::npos);
}

TEST_CASE("a plan without figures says unknown instead of zero") {
  const std::string text = cli::plan_table(small_scenario(), kPlan, {});
  CHECK(text.find("at least: unknown") != std::string::npos);
  CHECK(text.find("0.000") == std::string::npos);
}
