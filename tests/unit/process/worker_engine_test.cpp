// Questions to a worker, answered in this process by the real plugins null and sim.
// SPDX-License-Identifier: Apache-2.0
#include "process/worker_engine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "error.hpp"
#include "report/event_files.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using namespace lmbench::process;
using run::Status;
using scenario::Options;

namespace {

std::string plugin_path(const std::string& name) {
  return std::string(LMBENCH_BINARY_DIR) + "/plugins/" + name + ".so";
}

class Asked {
 public:
  Reply load(const std::string& plugin, Options options = {}) {
    return engine.answer(LoadRequest{plugin_path(plugin), std::move(options)});
  }
  CaseReply run_case(std::uint32_t concurrency) {
    CaseRequest request;
    request.plan_case = {.index = 0,
                         .case_id = "01",
                         .concurrency = concurrency,
                         .prompt_tokens = 4,
                         .completion_tokens = 8};
    request.measure.warmup_rounds = 1;
    request.measure.test_rounds = 2;
    request.events_file = (folder.path() / "01.npy").string();
    request.requests_file = (folder.path() / "01.requests.npy").string();
    return std::get<CaseReply>(engine.answer(request));
  }
  test::TemporaryFolder folder;
  WorkerEngine engine{[](int, const std::string&) {}};
};

run::Outcome refusal(const Reply& reply) { return std::get<FailedReply>(reply).outcome; }

}  // namespace

TEST_CASE("describe tells what a plugin is and what a load would give") {
  Asked asked;
  const auto reply = std::get<DescribeReply>(asked.engine.answer(
      DescribeRequest{plugin_path("sim"), {{"vocab_size", std::int64_t{500}}}}));
  CHECK(reply.engine_name == "sim");
  CHECK(reply.path == std::filesystem::canonical(plugin_path("sim")));
  CHECK(reply.abi_major == 1);
  REQUIRE(reply.model.has_value());
  CHECK(reply.model->vocabulary == 500);
  CHECK(reply.clock.backward_steps == 0);
}

TEST_CASE("options that the engine would refuse are refused when it is described") {
  Asked asked;
  const auto outcome =
      refusal(asked.engine.answer(DescribeRequest{plugin_path("sim"), {{"stepp_us", 1.0}}}));
  CHECK(outcome.status == Status::load_failed);
  CHECK(outcome.reason.find("stepp_us") != std::string::npos);
}

TEST_CASE("a plugin that is not there is an error of the plugin") {
  Asked asked;
  CHECK_THROWS_AS(asked.load("no_such_engine"), Error);
}

TEST_CASE("load tells the figures of the model and what was mapped, the plugin first") {
  Asked asked;
  const auto reply = std::get<LoadReply>(asked.load("sim"));
  CHECK(reply.load_s >= 0);
  REQUIRE(reply.model.has_value());
  CHECK(reply.model->vocabulary == 32000);
  CHECK_FALSE(reply.peak.has_value());
  REQUIRE_FALSE(reply.objects.empty());
  CHECK(reply.objects[0].path == std::filesystem::canonical(plugin_path("sim")));
  CHECK(reply.objects[0].sha256.size() == 64);
}

TEST_CASE("codes of load become statuses") {
  const auto outcome = [](Options options) {
    Asked asked;
    return refusal(asked.load("sim", std::move(options)));
  };
  CHECK(outcome({{"fault", "oom"}, {"fault_at", "load"}}).status == Status::oom);
  CHECK(outcome({{"fault", "device_error"}, {"fault_at", "load"}}).status == Status::load_failed);
  CHECK(outcome({{"no_such_key", 1.0}}).status == Status::load_failed);
}

TEST_CASE("a case fills its reply and its two files") {
  Asked asked;
  asked.load("sim");
  const CaseReply reply = asked.run_case(3);
  CHECK(reply.outcome.status == Status::ok);
  CHECK(reply.prompts_sha256.size() == 64);
  CHECK(reply.rss_peak_bytes > 0);
  CHECK(reply.memory.empty());  // sim has no lmbench.memory/1
  REQUIRE(reply.engine_stats.size() == 3);
  CHECK(reply.engine_stats[0].name == "steps");
  CHECK(reply.engine_stats[0].is_counter);
  CHECK(reply.engine_stats[0].value > 0);
  const auto events = report::read_events(asked.folder.path() / "01.npy");
  const auto requests = report::read_requests(asked.folder.path() / "01.requests.npy");
  CHECK(events.size() == 3 * 8 * 3);
  CHECK(requests.size() == 9);
  CHECK(std::is_sorted(events.begin(), events.end(),
                       [](const auto& a, const auto& b) { return a.t_ns < b.t_ns; }));
}

TEST_CASE("a failed case has its files, and a reset makes the engine as new") {
  Asked asked;
  asked.load("sim", {{"fault", "oom"}, {"fault_concurrency", std::int64_t{4}}});
  const CaseReply failed = asked.run_case(4);
  CHECK(failed.outcome.status == Status::oom);
  CHECK_FALSE(failed.engine_is_broken);
  CHECK(report::read_requests(asked.folder.path() / "01.requests.npy").size() ==
        4);  // of the round that failed
  CHECK(std::holds_alternative<DoneReply>(asked.engine.answer(ResetRequest{})));
  CHECK(asked.run_case(2).outcome.status == Status::ok);
}

TEST_CASE("a device error breaks the engine until it is loaded again") {
  Asked asked;
  asked.load("sim", {{"fault", "device_error"}});
  CHECK(asked.run_case(1).engine_is_broken);
  CHECK(refusal(asked.engine.answer(ResetRequest{})).status == Status::crash);
  asked.load("sim");
  CHECK(asked.run_case(1).outcome.status == Status::ok);
}

TEST_CASE("questions about an engine need one") {
  Asked asked;
  CHECK(refusal(asked.engine.answer(ResetRequest{})).status == Status::load_failed);
  CHECK(refusal(asked.engine.answer(GenerateRequest{})).status == Status::load_failed);
  CHECK(refusal(asked.engine.answer(CaseRequest{})).status == Status::load_failed);
}

TEST_CASE("generate gives as many ids as were asked for") {
  Asked asked;
  asked.load("sim");
  const auto reply = std::get<GenerateReply>(asked.engine.answer(GenerateRequest{
      .prompt = {5, 6}, .max_new_tokens = 7, .ignore_eos = true, .sampling = {}, .seed = 0}));
  CHECK(reply.tokens.size() == 7);
}

TEST_CASE("generate refuses an engine without token ids") {
  Asked asked;
  asked.load("null");
  GenerateRequest request;
  request.prompt = {5};
  request.max_new_tokens = 2;
  CHECK(refusal(asked.engine.answer(request)).status == Status::unsupported);
}

TEST_CASE("a plugin without a converter says so") {
  Asked asked;
  const auto outcome =
      refusal(asked.engine.answer(ConvertRequest{plugin_path("sim"), "from", "to", {}}));
  CHECK(outcome.status == Status::unsupported);
  CHECK(outcome.reason == "plugin 'sim' has no converter");
}

TEST_CASE("another thread sees how far a case is, and nothing at rest") {
  Asked asked;
  asked.load("sim");
  CHECK(asked.engine.progress().tokens == 0);
  std::atomic<bool> has_seen = false;
  std::thread watcher([&] {
    while (asked.engine.progress().tokens == 0) std::this_thread::yield();
    has_seen = true;
  });
  while (!has_seen) asked.run_case(8);
  watcher.join();
  CHECK(asked.engine.progress().tokens == 0);
  CHECK(asked.engine.progress().rounds == 0);
}
