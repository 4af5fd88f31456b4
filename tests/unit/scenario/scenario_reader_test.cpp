// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_reader.hpp"

#include <doctest/doctest.h>

#include "scenario_text.hpp"

using namespace lmbench::scenario;
using scenario_text::kSmall;
using scenario_text::read;

TEST_CASE("what a small scenario does not say has its documented default") {
  const Scenario s = read(kSmall);
  CHECK(s.name == "x");
  CHECK(s.engine.plugin == "sim");
  CHECK(s.engine.options.empty());
  CHECK(s.sampling == Sampling{1, 1.0F, 1.0F});
  CHECK(s.matrix.concurrency == std::vector<std::uint32_t>{1});
  CHECK(s.matrix.lengths == std::vector<LengthPair>{{8, 4}});
  CHECK(s.measure == Measure{});
  CHECK_FALSE(s.measure.test_rounds);
  CHECK_FALSE(s.measure.warmup_rounds);
  CHECK(s.measure.test_limits == TestLimits{1.0, 6, 50, 120.0});
  CHECK(s.measure.warmup_limits == WarmupLimits{20, 120.0});
  CHECK(s.measure.round_mode == RoundMode::barrier);
  CHECK(s.measure.isolate == Isolate::run);
  CHECK(s.prompts == Prompts{});
  CHECK_FALSE(s.output.csv);
}

TEST_CASE("each key reaches its place") {
  const Scenario s = read(R"(
[scenario]
name = "all-keys.1"
[engine]
plugin = "turbomind"
[engine.options]
model = "m"
tp = 2
cache.share = 0.5
cache.deep.flag = true
[engine.environment]
OMP_NUM_THREADS = 4
TM_LOG_LEVEL = "INFO"
[sampling]
top_k = 40
top_p = 0.8
temperature = 0
[matrix]
concurrency = [1, 16]
prompt_tokens = [1, 128]
completion_tokens = [128, 2048]
[measure]
test_rounds = 3
warmup_rounds = 0
interval_percent = 0.5
min_rounds = 8
max_rounds = 9
time_budget_s = 10
warmup_max_rounds = 30
warmup_budget_s = 4.5
round_mode = "closed"
isolate = "case"
case_timeout_s = 600
stall_timeout_s = 2.5
load_stall_timeout_s = 60
strict = true
[prompts]
kind = "legacy"
seed = 7
vocab_size = 1000
exclude = [3, 4]
[output]
csv = "out.csv"
)");
  CHECK(s.name == "all-keys.1");
  const Options options = {{"cache.deep.flag", true},
                           {"cache.share", 0.5},
                           {"model", std::string("m")},
                           {"tp", std::int64_t{2}}};
  CHECK(s.engine.options == options);
  CHECK(s.engine.environment.at("OMP_NUM_THREADS") == "4");
  CHECK(s.engine.environment.at("TM_LOG_LEVEL") == "INFO");
  CHECK(s.sampling == Sampling{40, 0.8F, 0.0F});
  CHECK(s.matrix.lengths == std::vector<LengthPair>{{1, 128}, {128, 2048}});
  CHECK(s.measure == Measure{0, 3, WarmupLimits{30, 4.5}, TestLimits{0.5, 8, 9, 10.0},
                             RoundMode::closed, Isolate::per_case, 600.0, 2.5, 60.0, true});
  CHECK(s.prompts == Prompts{PromptKind::legacy, 7, 1000, {3, 4}});
  CHECK(s.output.csv == "out.csv");
}

TEST_CASE("in a closed loop rounds that are not given are 1 and 10") {
  const Measure closed = read(kSmall, {"measure.round_mode=closed"}).measure;
  CHECK(closed.warmup_rounds == 1);
  CHECK(closed.test_rounds == 10);
  CHECK(read(kSmall, {"measure.round_mode=closed", "measure.test_rounds=2"}).measure.test_rounds ==
        2);
}

TEST_CASE("--set replaces a key of the file, or adds one") {
  const Scenario s = read(kSmall, {"matrix.concurrency=[2, 4]", "measure.strict=true",
                                   "engine.options.cache.share=0.25", "sampling.temperature=0.5"});
  CHECK(s.matrix.concurrency == std::vector<std::uint32_t>{2, 4});
  CHECK(s.measure.strict);
  CHECK(s.engine.options == Options{{"cache.share", 0.25}});
  CHECK(s.sampling.temperature == 0.5F);
}

TEST_CASE("a --set value that is no TOML is a string") {
  const Scenario s = read(kSmall, {"engine.options.model=/models/a=b c", "output.csv=x y.csv",
                                   "engine.options.dtype=\"bf16\"", "engine.options.odd=1\nz = 2",
                                   "engine.options.day=2026-1", "engine.options.agent=007"});
  CHECK(s.output.csv == "x y.csv");
  const Options options = {{"agent", std::string("007")},
                           {"day", std::string("2026-1")},
                           {"dtype", std::string("bf16")},
                           {"model", std::string("/models/a=b c")},
                           {"odd", std::string("1\nz = 2")}};
  CHECK(s.engine.options == options);
}

TEST_CASE("the last of two settings of one key counts") {
  CHECK(read(kSmall, {"prompts.seed=1", "prompts.seed=2"}).prompts.seed == 2);
}

TEST_CASE("an empty csv means no file") {
  CHECK_FALSE(read(kSmall + "[output]\ncsv = \"\"\n").output.csv);
}

TEST_CASE("a scenario without a name is called as its file, in characters that suit a folder") {
  CHECK(read_scenario(kSmall, "/a/my run.v2.toml", {}).name == "my-run-v2");
  CHECK(read_scenario(kSmall, "", {}).name == "scenario");
  CHECK(read_scenario(kSmall, "/a/../b/x.toml", {}).source_path == "/b/x.toml");
}
