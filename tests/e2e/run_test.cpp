// A run that goes well, from the command line to the files.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <regex>

#include "workplace.hpp"

using lmbench::test::csv_table;
using lmbench::test::read_file;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;
using Statuses = std::vector<std::string>;

namespace {

constexpr const char* kLegacyHeader =
    "batch,prompt_tokens,completion_tokens,throughput(out tok/s),mem(GB),FTL(ave)(s),FTL(min)(s),"
    "FTL(max)(s),50%(s),75%(s),95%(s),99%(s)\r\n";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a run of the null engine fills its results folder") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 2));
  const auto finished = place.lmbench({"run", "small.toml", "--out", "out"});
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  CHECK(place.statuses() == Statuses{"ok", "ok"});
  const auto rows = place.results();
  CHECK(rows[0].at("case_id") == "01-b2-p4-r8");
  CHECK(rows[1].at("case_id") == "02-b2-p5-r8");
  CHECK(std::stod(rows[0].at("throughput(out tok/s)")) > 0);
  CHECK(rows[0].at("mem(GB)").empty());

  const auto out = place.path() / "out";
  const std::string events = read_file(out / "events" / "01-b2-p4-r8.npy");
  CHECK(events.substr(0, 6) == "\x93NUMPY");
  CHECK(read_file(out / "events" / "01-b2-p4-r8.requests.npy").substr(0, 6) == "\x93NUMPY");
  const std::string journal = read_file(out / "journal.jsonl");
  CHECK(count(journal, "\"event\":\"begin\"") == 2);
  CHECK(count(journal, "\"status\":\"ok\"") == 2);
  const std::string manifest = read_file(out / "manifest.json");
  CHECK(manifest.find("small") != std::string::npos);
  CHECK(manifest.find("plugins/null.so") != std::string::npos);
  CHECK(std::filesystem::exists(out / "log.txt"));
}

TEST_CASE("the 12 columns have the bytes of profile_generation.py") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 2));
  REQUIRE(place.lmbench({"run", "small.toml", "--csv", "legacy.csv"}).exit_code == 0);
  const std::string csv = read_file(place.path() / "legacy.csv");
  const std::string second = R"(\d+\.\d{1,3})";
  const std::string rest = "," + second;
  const std::regex rows(R"(2,4,8,\d+\.\d\d,)" + rest + rest + rest + rest + rest + rest + rest +
                        R"(\r\n2,5,8,\d+\.\d\d,)" + rest + rest + rest + rest + rest + rest + rest +
                        "\r\n");
  INFO(csv);
  CHECK(csv.substr(0, std::string(kLegacyHeader).size()) == kLegacyHeader);
  CHECK(std::regex_match(csv.substr(std::string(kLegacyHeader).size()), rows));
}

TEST_CASE("without --out the folder is results/<scenario>-<utc time>") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 1));
  REQUIRE(place.lmbench({"run", "small.toml"}).exit_code == 0);
  const auto first = std::filesystem::directory_iterator(place.path() / "results")->path();
  CHECK(std::regex_match(first.filename().string(), std::regex(R"(small-\d{8}T\d{6}Z)")));
}

TEST_CASE("one load for all cases and a fresh worker per case give the same rows") {
  const Workplace place;
  place.write("small.toml", small_scenario("sim", 3, "step_us = 0.0\n"));
  REQUIRE(place.lmbench({"run", "small.toml", "--out", "one"}).exit_code == 0);
  REQUIRE(place.lmbench({"run", "small.toml", "--out", "each", "--set", "measure.isolate=case"})
              .exit_code == 0);
  REQUIRE(place.lmbench({"run", "small.toml", "--out", "thread", "--in-process"}).exit_code == 0);
  for (const std::string other : {"each", "thread"}) {
    const auto rows = place.results("one");
    const auto others = place.results(other);
    REQUIRE(others.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (const char* column : {"case_id", "status", "reason", "rounds", "prompts_sha256"}) {
        CHECK(rows[i].at(column) == others[i].at(column));
      }
    }
  }
}

TEST_CASE("profile runs the case matrix without a scenario file") {
  const Workplace place;
  const auto finished = place.lmbench({"profile",
                                       "no-model",
                                       "--engine",
                                       "null",
                                       "--concurrency",
                                       "1",
                                       "2",
                                       "--prompt-tokens",
                                       "1",
                                       "8",
                                       "--completion_tokens",
                                       "4",
                                       "8",
                                       "--test_round",
                                       "2",
                                       "--warmup-round",
                                       "0",
                                       "--top_k",
                                       "1",
                                       "--csv",
                                       "p.csv",
                                       "--out",
                                       "out"});
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  const auto rows = csv_table(read_file(place.path() / "p.csv"));
  REQUIRE(rows.size() == 4);
  CHECK(rows[1].at("batch") == "1");
  CHECK(rows[1].at("prompt_tokens") == "8");
  CHECK(rows[2].at("batch") == "2");
  CHECK(place.results()[0].at("round_mode") == "closed");
}

TEST_CASE("the cost of the harness is printed, stored, and measured once for this binary") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 1));
  lmbench::test::RunAs as;
  as.environment = {{"XDG_CACHE_HOME", (place.path() / "cache").string()}};
  const auto run = [&](const std::string& out) {
    const auto finished = place.lmbench({"run", "small.toml", "--out", out}, as);
    CHECK(finished.exit_code == 0);
    CHECK(finished.err.find("harness: ") != std::string::npos);
    return finished.err;
  };
  const std::string first = run("one");
  CHECK(read_file(place.path() / "one/manifest.json").find("median_ns_per_token_batch_64") !=
        std::string::npos);
  const auto cache = place.path() / "cache/lmbench/harness.json";
  if (first.find("costs more than its budget") != std::string::npos) {
    CHECK_FALSE(std::filesystem::exists(cache));
    MESSAGE("the rest is skipped: this machine is too slow or too busy, so nothing is kept");
    return;
  }
  const std::string kept = read_file(cache);
  place.write("cache/lmbench/harness.json",
              std::regex_replace(kept, std::regex("(batch_1\":)[0-9.]+"), "$0113.0"));
  CHECK(run("two").find("harness: 13 ns per token at batch 1") != std::string::npos);
  place.write("cache/lmbench/harness.json", kept.substr(0, 20));
  run("three");
}

TEST_CASE("a dry run prints the plan and writes nothing") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 2));
  const auto finished = place.lmbench({"run", "small.toml", "--dry-run"});
  INFO(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(finished.out.find("02-b2-p5-r8") != std::string::npos);
  CHECK(std::distance(std::filesystem::directory_iterator(place.path()), {}) == 1);
}

TEST_CASE("--set has the last word over the scenario") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 2));
  REQUIRE(
      place
          .lmbench({"run", "small.toml", "--out", "out", "--set", "matrix.concurrency=[1,3]",
                    "--set", "matrix.prompt_tokens=[2]", "--set", "matrix.completion_tokens=[4]"})
          .exit_code == 0);
  const auto rows = place.results();
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].at("case_id") == "02-b3-p2-r4");
}

TEST_CASE("one new token has no gap, so its percentiles are empty") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 1));
  REQUIRE(place
              .lmbench({"run", "small.toml", "--out", "out", "--set",
                        "matrix.completion_tokens=[1]", "--set", "matrix.prompt_tokens=[1]"})
              .exit_code == 0);
  const auto row = place.results().at(0);
  CHECK(row.at("99%(s)").empty());
  CHECK_FALSE(row.at("FTL(ave)(s)").empty());
  CHECK(row.at("flags").find("no_prefill") != std::string::npos);
}

TEST_CASE("--strict makes a flag a failure") {
  const Workplace place;
  place.write("small.toml", small_scenario("null", 1));
  CHECK(place
            .lmbench({"run", "small.toml", "--out", "out", "--strict", "--set",
                      "matrix.prompt_tokens=[1]"})
            .exit_code == 1);
  CHECK(place.statuses() == Statuses{"invalid"});
  CHECK(place.results()[0].at("reason") == "strict: no_prefill");
}

TEST_CASE("generate prints the ids of an engine on one line, and nothing else") {
  const Workplace place;
  const std::vector<std::string> words{"generate", "--engine",         "sim", "--prompt-tokens",
                                       "1,80,429", "--max-new-tokens", "5",   "--ignore-eos"};
  const auto finished = place.lmbench(words);
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  CHECK(std::regex_match(finished.out, std::regex(R"(\d+(,\d+){4}\n)")));
  CHECK(place.lmbench(words).out == finished.out);
}
