// What goes wrong on GPUs ends in an outcome with a sentence, never in a hang.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "gpu_engine.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::Code;

namespace {

// An engine with a request under way.
struct Running {
  Running(const SmallModel& model, std::uint32_t ranks, const FakeGpu::Options& machine,
          double step_timeout_s = 1000)
      : gpus(machine) {
    lmbench::test::write_small_model(model, folder.path());
    prompt = random_prompt(5, model.vocab_size, 1);
    engine.reset(new Engine(&host, select_backend));
    const Options options = on_gpu(options_for(folder.path()).integer("tp", ranks), step_timeout_s);
    TestError error;
    const Code code = engine->load(options.view(), &sink, error.get());
    REQUIRE_MESSAGE(code == Code::ok, error.text());
  }

  // How the request ended, and what the engine says of itself afterwards.
  std::string failure() {
    const lmbench::Request request = make_request(1, prompt, 50);
    std::uint32_t accepted = 0;
    REQUIRE(engine->submit(&request, 1, &accepted, nullptr) == Code::ok);
    return failure_of(*engine, sink, request);
  }

  FakeMachine gpus;
  TemporaryFolder folder;
  Tokens prompt;
  ClockHost host;
  TestSink sink;
  EnginePtr engine;
};

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a launch that fails ends the requests and names the function") {
  Running run(gpu_model(), 1, {});
  FakeGpu::fail_call("cudaGraphLaunch", 3, cudaErrorLaunchFailure);
  CHECK(holds(run.failure(), "cudaGraphLaunch: cudaErrorLaunchFailure"));
}

TEST_CASE("an error of the device during a step is told with the step") {
  Running run(gpu_model(), 1, {.schedule = Schedule::deferred});
  FakeGpu::fail_call("cudaStreamQuery", 5, cudaErrorUnknown);
  CHECK(holds(run.failure(), "cudaStreamQuery: cudaErrorUnknown"));
}

TEST_CASE("a rank that falls silent is an error after the time limit of a step") {
  for (const int rank : {0, 1}) {
    CAPTURE(rank);
    Running run(gpu_model(), 2, {.devices = 2}, 3);  // which no step of this model takes
    FakeNccl::silence(rank, FakeNccl::collectives(rank) + 20);
    CHECK(holds(run.failure(), "has not ended after 3000 ms"));
  }
}

TEST_CASE("without a limit that is asked for it is one after ten seconds") {
  Running run(gpu_model(), 2, {.devices = 2}, 0);
  FakeNccl::silence(1, FakeNccl::collectives(1) + 20);
  CHECK(holds(run.failure(), "has not ended after 10000 ms"));
}

TEST_CASE("a rank that breaks is an error on all") {
  Running run(gpu_model(), 2, {.devices = 2});
  FakeNccl::break_at(1, FakeNccl::collectives(1) + 20);
  CHECK(holds(run.failure(), "another rank failed: remote error"));
}

TEST_CASE("a rank that never connects is an error of the load") {
  const SmallModel model = gpu_model();
  const FakeMachine machine({.devices = 2});
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  FakeGpu::fail_call("cudaSetDevice", 3, cudaErrorUnknown);  // of one of the ranks
  const LoadOutcome outcome =
      outcome_of_gpu_load(on_gpu(options_for(folder.path()).integer("tp", 2)));
  CHECK(outcome.is(Code::device_error, "cudaSetDevice: cudaErrorUnknown"));
}

TEST_CASE("what does not fit into the GPU is refused with the figures") {
  const SmallModel model = gpu_model();
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const FakeMachine machine({.devices = 1, .memory_bytes = 1 << 20});
  const LoadOutcome outcome = outcome_of_gpu_load(on_gpu(options_for(folder.path())));
  CHECK(outcome.is(Code::out_of_memory, " MiB"));
}

TEST_CASE("any allocation may fail") {
  const SmallModel model = gpu_model();
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  for (int n = 1; n < 60; n += 3) {
    CAPTURE(n);
    const FakeMachine machine({.devices = 1});
    FakeGpu::fail_call("cudaMalloc", n, cudaErrorMemoryAllocation);
    const LoadOutcome outcome = outcome_of_gpu_load(on_gpu(options_for(folder.path())));
    if (FakeGpu::calls("cudaMalloc") < n) {
      CHECK(outcome.code == Code::ok);
      break;
    }
    CHECK(outcome.is(Code::out_of_memory, "do not fit into the memory of the GPU"));
  }
}
