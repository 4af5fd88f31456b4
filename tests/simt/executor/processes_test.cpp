// Ranks on GPUs that are processes of their own: the tokens of one GPU, and an outcome within seconds
// whatever happens to a process.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "child_processes.hpp"
#include "small_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::Code;
using lmbench::test::child_processes;

namespace {

// What the processes of ranks see of GPUs.
class RankEnvironment {
 public:
  RankEnvironment() { set("FAKE_GPU_DEVICES", "4"); }
  ~RankEnvironment() {
    for (const char* const name : names_) unsetenv(name);
  }
  RankEnvironment(const RankEnvironment&) = delete;
  RankEnvironment& operator=(const RankEnvironment&) = delete;

  void set(const char* name, const char* value) {
    names_.push_back(name);
    setenv(name, value, 1);
  }
 private:
  std::vector<const char*> names_;
};

// How a request of an engine of two processes ends; `disturb` comes when it is under way. The limits of a
// step are long: what is noticed is noticed by other means.
template <class Disturb>
std::string failure_under(const Disturb& disturb) {
  const SmallFolder small;
  const FakeMachine machine;
  ClockHost host;
  TestSink sink;
  const EnginePtr engine(new Engine(&host, select_backend));
  const Options options = small.processes(2)
                              .real("rank_silence_s", 1)
                              .integer("session_len", 4000)
                              .integer("cache_max_entry_count", 70);
  TestError error;
  const Code code = engine->load(options.view(), &sink, error.get());
  REQUIRE_MESSAGE(code == Code::ok, error.text());
  const Tokens prompt = random_prompt(5, small.model.vocab_size, 1);
  const lmbench::Request request = make_request(1, prompt, 3900);
  std::uint32_t accepted = 0;
  REQUIRE(engine->submit(&request, 1, &accepted, nullptr) == Code::ok);
  REQUIRE(child_processes().size() == 1);
  const auto begin = std::chrono::steady_clock::now();
  disturb(child_processes()[0]);
  std::string text = failure_of(*engine, sink, request);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(100));
  return text;
}

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

void check_refusal(const Options& options, Code code, const std::string& part) {
  const FakeMachine machine;
  const LoadOutcome outcome = outcome_of_gpu_load(options);
  INFO(outcome.text);
  CHECK(outcome.is(code, part));
}

}  // namespace

TEST_CASE("two and four processes give the tokens of one GPU, and none of them stays") {
  const SmallFolder small;
  const RankEnvironment environment;
  const FakeMachine machine;
  std::vector<Tokens> expected;
  {
    LoadedEngine one(make_engine, small.options(1));
    expected = one.generate(small.jobs());
  }
  for (const std::uint32_t ranks : {2U, 4U}) {
    CAPTURE(ranks);
    LoadedEngine processes(make_engine, small.processes(ranks));
    CHECK(child_processes().size() == ranks - 1);
    CHECK(processes.generate(small.jobs()) == expected);
    CHECK(processes.generate(small.jobs()) == expected);
  }
  CHECK(child_processes().empty());
}

TEST_CASE("a process on a GPU that is killed or stopped ends the requests with its number") {
  const RankEnvironment environment;
  CHECK(holds(failure_under([](pid_t rank) { kill(rank, SIGKILL); }), "rank 1 has gone"));
  CHECK(holds(failure_under([](pid_t rank) { kill(rank, SIGSTOP); }),
              "rank 1 has been silent for 1 s"));
  CHECK(child_processes().empty());
}

TEST_CASE("an error of a GPU of another process ends the requests with its number and its name") {
  RankEnvironment environment;
  environment.set("FAKE_GPU_FAILURE", "cudaGraphLaunch");
  CHECK(holds(failure_under([](pid_t) {}), "rank 1: cudaGraphLaunch: cudaErrorLaunchFailure"));
  CHECK(child_processes().empty());
}

TEST_CASE("what does not fit into the GPU of another process is refused with the figures") {
  RankEnvironment environment;
  environment.set("FAKE_GPU_MEMORY_BYTES", "1000000");
  const SmallFolder small;
  check_refusal(small.processes(2), Code::out_of_memory, " MiB");
}

TEST_CASE("two processes on one GPU are refused") {
  RankEnvironment environment;
  environment.set("FAKE_GPU_DEVICES", "1");
  const SmallFolder small;
  check_refusal(small.processes(2), Code::invalid_argument, "ranks 0 and 1 have the same GPU");
}

TEST_CASE(
    "a process without a GPU is told with its number, and nothing runs on CPUs in its place") {
  RankEnvironment environment;
  environment.set("FAKE_GPU_DEVICES", "0");
  const SmallFolder small;
  check_refusal(options_for(small.folder.path())
                    .integer("tp", 2)
                    .text("ranks", "processes")
                    .text("device", "auto"),
                Code::unsupported, "rank 1: no usable CUDA device: this machine has no NVIDIA");
}
