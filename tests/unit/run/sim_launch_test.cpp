// Cases on the sim engine in virtual time: its thread, its tokens, its faults.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <memory>

#include "../sim/sim_run.hpp"
#include "case_setup.hpp"

using namespace case_setup;
using scenario::RoundMode;
using sim_run::Config;

namespace {

constexpr std::uint64_t kSimCapabilities = kCapTokenIds | kCapFixedLength;

class SimLaunch {
 public:
  explicit SimLaunch(const Config& config)
      : launch_(plugin::EngineHandle(
                    new sim::SimEngine(nullptr, std::make_unique<sim_run::VirtualClock>(now_))),
                kSimCapabilities) {
    REQUIRE(launch_.load(config.view(), nullptr) == Code::ok);
  }
  run::CaseRun run(const Setup& setup) { return run_on(launch_, setup); }
  run::Launch& launch() { return launch_; }
 private:
  std::atomic<std::uint64_t> now_ = 1'000'000;
  run::Launch launch_;
};

run::CaseRun run_fault(const std::string& fault, const Setup& setup = {}) {
  SimLaunch sim(Config{{"fault", fault}, {"vocab_size", std::int64_t{1000}}});
  return sim.run(setup);
}

}  // namespace

TEST_CASE("a sim case has every token of every round, in both modes") {
  for (const RoundMode mode : {RoundMode::barrier, RoundMode::closed}) {
    SimLaunch sim(Config{{"step_us", 100.0}, {"vocab_size", std::int64_t{1000}}});
    const auto run = sim.run({.concurrency = 8,
                              .prompt_tokens = 5,
                              .completion_tokens = 20,
                              .warmup_rounds = 1,
                              .test_rounds = 3,
                              .mode = mode});
    CHECK(status_of(run) == "ok");
    CHECK(run.judgement.flags.empty());
    CHECK(run.record.events.size() == 8 * 20 * 4);
    for (const auto& request : run.record.requests) CHECK(request.admit_ns != 0);
    for (const auto& event : run.record.events) CHECK(event.engine_ns != 0);
  }
}

TEST_CASE("the same seed gives the same prompts, whatever the round mode") {
  const Config config{{"vocab_size", std::int64_t{1000}}};
  SimLaunch first(config);
  SimLaunch second(config);
  const auto barrier = first.run({.test_rounds = 3});
  const auto closed = second.run({.test_rounds = 3, .mode = RoundMode::closed});
  CHECK(barrier.prompts_sha256 == closed.prompts_sha256);
  CHECK(barrier.prompts_sha256 != first.run({.test_rounds = 4}).prompts_sha256);
}

TEST_CASE("tokens that the engine gathers are told as coalesced") {
  SimLaunch sim(Config{{"tokens_per_event", std::int64_t{4}}, {"vocab_size", std::int64_t{1000}}});
  const auto run = sim.run({.completion_tokens = 8});
  CHECK(status_of(run) == "ok");
  CHECK(run.judgement.flags == std::vector<std::string>{"coalesced"});
  CHECK(run.record.events.size() == 4);
}

TEST_CASE("each fault of the sim engine has its status") {
  CHECK(status_of(run_fault("oom")) == "oom");
  CHECK(status_of(run_fault("short_output")) == "short_output");
  CHECK(status_of(run_fault("wrong_count")) == "invalid");
  CHECK(status_of(run_fault("double_terminal")) == "bad_plugin");
  const auto device = run_fault("device_error");
  CHECK(status_of(device) == "crash");
  CHECK(device.judgement.is_engine_broken);
}

TEST_CASE("a double terminal is seen however the requests of a case end") {
  for (std::uint32_t concurrency = 1; concurrency <= 8; ++concurrency) {
    CHECK(status_of(run_fault("double_terminal", {.concurrency = concurrency})) == "bad_plugin");
  }
}

TEST_CASE("out of memory in mid-decode cancels the rest, and the engine goes on after a reset") {
  SimLaunch sim(Config{{"fault", "oom"},
                       {"fault_concurrency", std::int64_t{4}},
                       {"vocab_size", std::int64_t{1000}}});
  const auto run = sim.run({.concurrency = 4, .completion_tokens = 100, .test_rounds = 3});
  CHECK(status_of(run) == "oom");
  CHECK(reason_of(run) == "request 3 of round 0 failed after 50 tokens with out_of_memory");
  std::size_t ends = 0;
  for (const auto& event : run.record.events) ends += event.kind != 0 ? 1 : 0;
  CHECK(ends == 4);
  CHECK(sim.launch().reset().outcome.status == run::Status::ok);
  CHECK(status_of(sim.run({.concurrency = 2})) == "ok");
}

TEST_CASE("after a device error submit and reset are refused") {
  SimLaunch sim(Config{{"fault", "device_error"}, {"vocab_size", std::int64_t{1000}}});
  CHECK(status_of(sim.run({})) == "crash");
  CHECK(status_of(sim.run({})) == "crash");
  const auto reset = sim.launch().reset();
  CHECK(reset.outcome.status == run::Status::crash);
  CHECK(reset.outcome.reason.find("failed_precondition") != std::string::npos);
}

TEST_CASE("generate repeats itself on the sim engine") {
  SimLaunch sim(Config{{"vocab_size", std::int64_t{1000}}});
  const run::GenerateOrder order{
      .prompt = {4, 5, 6}, .max_new_tokens = 12, .ignore_eos = true, .sampling = {}, .seed = 0};
  const auto first = sim.launch().generate(order);
  CHECK(first.judgement.outcome.status == run::Status::ok);
  CHECK(first.tokens.size() == 12);
  CHECK(sim.launch().generate(order).tokens == first.tokens);
}
