// The files that a run leaves behind, from event files written by hand.
// SPDX-License-Identifier: Apache-2.0
#include "process/result_recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "csv_table.hpp"
#include "error.hpp"
#include "report/event_files.hpp"
#include "scripted_record.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using namespace lmbench::process;
using run::Status;
using test::CsvRow;
using test::TemporaryFolder;
using test::two_by_three_by_four;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Two cases, N = 2 and 3 rounds each, in a results folder of their own.
struct Run {
  Run() {
    order.scenario.name = "small";
    order.scenario.engine.plugin = "sim";
    order.scenario.engine.options = {{"tp", std::int64_t{2}}};
    order.scenario.matrix = {.concurrency = {2},
                             .lengths = {{.prompt_tokens = 8, .completion_tokens = 4},
                                         {.prompt_tokens = 9, .completion_tokens = 4}}};
    order.scenario.measure.test_rounds = 3;
    order.scenario.resolved_toml = "[scenario]\nname = \"small\"\n";
    order.scenario.output.csv = (place.path() / "legacy.csv").string();
    order.command_line = {"lmbench", "run", "small.toml"};
    plan = scenario::make_plan(order.scenario);
    results = make_results_folder(place.path() / "out", "small", 0);
  }

  ResultRecorder& start() {
    log.emplace(results.log());
    recorder.emplace(order, plan, results, floor, *log);
    return *recorder;
  }

  // As a worker leaves it.
  void write_events(std::size_t index, std::uint32_t tokens_per_event) const {
    const stats::CaseRecord record = two_by_three_by_four(tokens_per_event);
    report::write_events(results.events(plan[index].case_id), record.events);
    report::write_requests(results.requests(plan[index].case_id), record.requests);
  }

  // The case at this place, from begin to end.
  void run_ok(std::size_t index, std::uint32_t tokens_per_event = 1,
              const std::string& plugin_sha256 = "aa") {
    recorder->begin(plan[index]);
    write_events(index, tokens_per_event);
    recorder->end(plan[index], ok_result(plugin_sha256));
  }

  static CaseResult ok_result(const std::string& plugin_sha256 = "aa") {
    CaseResult result;
    result.reply.emplace();
    result.reply->prompts_sha256 = "5a5a";
    result.reply->stop_reason = "fixed";
    result.reply->memory = {
        {"weights", 0, 100, 100, 100}, {"weights", 1, 50, 50, 50}, {"kv", 0, 30, 10, 20}};
    result.description.emplace();
    result.description->engine_name = "sim";
    result.description->path = "/p/sim.so";
    result.description->clock.read_ns = 20;
    result.load.emplace();
    result.load->load_s = 1.5;
    result.load->objects = {{"/p/sim.so", plugin_sha256, "b1d"}};
    return result;
  }

  std::vector<CsvRow> rows() const { return test::csv_table(read(results.results_csv())); }
  nlohmann::json manifest() const { return nlohmann::json::parse(read(results.manifest())); }
  std::string legacy() const { return read(place.path() / "legacy.csv"); }

  TemporaryFolder place;
  RunOrder order;
  std::vector<scenario::Case> plan;
  ResultsFolder results;
  std::optional<FloorReply> floor;
  std::optional<RunLog> log;
  std::optional<ResultRecorder> recorder;
};

}  // namespace

TEST_CASE(
    "the row of a case is on the disk when the case has ended, with figures from its events") {
  Run run;
  run.start();
  run.run_ok(0);
  REQUIRE(run.rows().size() == 1);
  const CsvRow row = run.rows()[0];
  CHECK(row.at("case_id") == "01-b2-p8-r4");
  CHECK(row.at("status") == "ok");
  CHECK(row.at("throughput(out tok/s)") == "97.56");
  CHECK(row.at("50%(s)") == "0.006");
  CHECK(row.at("tpot_n") == "6");
  CHECK(row.at("load_s") == "1.500000");
  CHECK(row.at("tp") == "2");
  CHECK(row.at("rounds") == "3");
  CHECK(row.at("stop_reason") == "fixed");
  CHECK(row.at("warmup_rounds") == "1");
  CHECK(row.at("test_rounds") == "3");
  CHECK(row.at("output_tok_s_n") == "3");
  CHECK(row.at("output_tok_s_n_eff") == "3.0");
  CHECK(row.at("output_tok_s_half_width_percent").starts_with("22."));
  CHECK(row.at("engine_build_id") == "b1d");
  CHECK(row.at("prompts_sha256") == "5a5a");
  CHECK(row.at("config_hash").size() == 64);
  CHECK(row.at("mem_weights_bytes") == "150");
  CHECK(row.at("mem_kv_peak_bytes") == "20");
  CHECK(row.at("mem_workspace_bytes").empty());
  CHECK(row.at("mem(GB)").empty());
  CHECK(run.legacy().ends_with("\r\n2,8,4,97.56,,0.015,0.01,0.02,0.006,0.008,0.014,0.014\r\n"));
  CHECK_FALSE(run.recorder->are_all_ok());  // one more is planned
}

TEST_CASE("a run that is over has a manifest of what it ran on, and all its cases") {
  Run run;
  run.floor = FloorReply{.median_ns_per_token_batch_1 = 50,
                         .p999_ns_per_token_batch_1 = 90,
                         .median_ns_per_token_batch_64 = 5};
  run.start();
  run.run_ok(0);
  run.run_ok(1);
  run.recorder->finish();
  CHECK(run.recorder->are_all_ok());
  const auto manifest = run.manifest();
  CHECK(manifest["command_line"][1] == "run");
  CHECK(manifest["scenario"]["resolved_toml"] == run.order.scenario.resolved_toml);
  CHECK(manifest["machine"].contains("kernel"));
  CHECK(manifest["engine"]["objects"][0]["path"] == "/p/sim.so");
  CHECK(manifest["clock"]["read_ns"] == 20);
  CHECK(manifest["harness"]["median_ns_per_token_batch_1"] == 50);
  CHECK(manifest["cases"].size() == 2);
  CHECK(manifest["cases"][1]["prompts_sha256"] == "5a5a");
  CHECK(manifest["ended_utc"].is_string());
}

TEST_CASE("a run that is killed has a manifest and the journal of what had begun") {
  Run run;
  ResultRecorder& recorder = run.start();
  CHECK(run.manifest()["lmbench"]["version"].is_string());
  recorder.begin(run.plan[0]);
  CHECK(run.manifest()["ended_utc"].is_null());
  CHECK(run.rows().empty());
  const std::string journal = read(run.results.journal());
  CHECK(journal.find("\"event\":\"begin\",\"case_id\":\"01-b2-p8-r4\"") != std::string::npos);
}

TEST_CASE("a failed case has its shape, status and reason, and no figure") {
  Run run;
  ResultRecorder& recorder = run.start();
  run.write_events(0, 1);  // what a worker had written so far does not count
  recorder.begin(run.plan[0]);
  CaseResult crash;
  crash.outcome = {Status::crash, "signal SIGSEGV"};
  crash.flags = {"no_prefill"};
  recorder.end(run.plan[0], crash);
  CaseResult skipped;
  skipped.outcome = {Status::skipped, "the same failure as in 01-b2-p8-r4"};
  recorder.end(run.plan[1], skipped);
  recorder.finish();
  REQUIRE(run.rows().size() == 2);
  CHECK(run.rows()[0].at("status") == "crash");
  CHECK(run.rows()[0].at("reason") == "signal SIGSEGV");
  CHECK(run.rows()[0].at("flags") == "no_prefill");
  CHECK(run.rows()[0].at("output_tok_s").empty());
  CHECK(run.rows()[1].at("status") == "skipped");
  CHECK(run.legacy().ends_with("\r\n2,8,4,,,,,,,,,\r\n2,9,4,,,,,,,,,\r\n"));
  CHECK_FALSE(recorder.are_all_ok());
}

TEST_CASE("event files that cannot be used cost the case its figures, and nothing else") {
  Run run;
  ResultRecorder& recorder = run.start();
  recorder.begin(run.plan[0]);
  run.write_events(0, 1);
  SUBCASE("missing") { std::filesystem::remove(run.results.events(run.plan[0].case_id)); }
  SUBCASE("torn") { std::filesystem::resize_file(run.results.events(run.plan[0].case_id), 1000); }
  SUBCASE("of other requests") {
    report::write_requests(run.results.requests(run.plan[0].case_id), {});
  }
  recorder.end(run.plan[0], Run::ok_result());
  run.run_ok(1);
  REQUIRE(run.rows().size() == 2);
  CHECK(run.rows()[0].at("status") == "invalid");
  CHECK_FALSE(run.rows()[0].at("reason").empty());
  CHECK(run.rows()[0].at("output_tok_s").empty());
  CHECK(run.rows()[0].at("throughput(out tok/s)").empty());
  CHECK(run.rows()[1].at("status") == "ok");
  CHECK_FALSE(recorder.are_all_ok());
}

TEST_CASE("an invalid case has figures in results.csv, where it is marked, and there alone") {
  Run run;
  ResultRecorder& recorder = run.start();
  recorder.begin(run.plan[0]);
  run.write_events(0, 1);
  CaseResult result = Run::ok_result();
  result.outcome = {Status::invalid, "cached_prompts"};
  recorder.end(run.plan[0], result);
  CHECK(run.rows()[0].at("reason") == "cached_prompts");
  CHECK(run.rows()[0].at("throughput(out tok/s)") == "97.56");
  CHECK(run.legacy().ends_with("\r\n2,8,4,,,,,,,,,\r\n"));
}

TEST_CASE("several tokens in an event are a flag, once, and under strict a failure") {
  Run run;
  SUBCASE("a flag") {
    run.start();
    run.run_ok(0, 2);
    CHECK(run.rows()[0].at("status") == "ok");
    CHECK(run.rows()[0].at("flags") == "coalesced");
  }
  SUBCASE("that the worker saw too") {
    run.start().begin(run.plan[0]);
    run.write_events(0, 2);
    CaseResult result = Run::ok_result();
    result.flags = {"no_prefill", "coalesced"};
    run.recorder->end(run.plan[0], result);
    CHECK(run.rows()[0].at("flags") == "no_prefill coalesced");
  }
  SUBCASE("a failure") {
    run.order.scenario.measure.strict = true;
    run.start();
    run.run_ok(0, 2);
    CHECK(run.rows()[0].at("status") == "invalid");
    CHECK(run.rows()[0].at("reason") == "strict: coalesced");
  }
}

TEST_CASE("the cost of the harness is compared with a step") {
  Run run;
  run.floor = FloorReply{.median_ns_per_token_batch_1 = 50,
                         .p999_ns_per_token_batch_1 = 90,
                         .median_ns_per_token_batch_64 = 5};
  SUBCASE("light") {}
  SUBCASE("heavy") { run.floor->median_ns_per_token_batch_1 = 50'000; }
  const bool is_heavy = run.floor->median_ns_per_token_batch_1 > 50;
  run.start();
  run.run_ok(0);
  const double share = std::stod(run.rows()[0].at("harness_share_percent"));
  CHECK((share > 0.5) == is_heavy);
  CHECK(run.rows()[0].at("flags") == (is_heavy ? "harness_heavy" : ""));
}

TEST_CASE("a plugin that was built anew during the run makes the rest of it invalid") {
  Run run;
  run.start();
  run.run_ok(0, 1, "aa");
  run.run_ok(1, 1, "bb");
  CHECK(run.rows()[0].at("status") == "ok");
  CHECK(run.rows()[1].at("reason") == "identity_changed");
  CHECK(run.rows()[0].at("config_hash") != run.rows()[1].at("config_hash"));
}

TEST_CASE("a CSV path that cannot be written is told before anything runs") {
  Run run;
  run.order.scenario.output.csv = "/no/such/folder/x.csv";
  CHECK_THROWS_WITH_AS(run.start(),
                       "cannot write '/no/such/folder/x.csv': No such file or directory", Error);
}

TEST_CASE("a full disk ends the run with a sentence") {
  if (!std::filesystem::exists("/dev/full")) return;
  Run run;
  run.order.scenario.output.csv = "/dev/full";
  CHECK_THROWS_WITH_AS(run.start(), "cannot write '/dev/full': No space left on device", Error);
}
