// An engine whose ranks are processes: the same tokens, and an outcome whatever happens to a process.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "child_processes.hpp"
#include "loaded_engine.hpp"
#include "temporary_folder.hpp"
#include "turbomind/backend.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::Code;
using lmbench::test::child_processes;
using lmbench::test::TemporaryFolder;

namespace {

struct Written {
  Written() { lmbench::test::write_small_model(model, folder.path()); }
  Options options(std::uint32_t ranks) const {
    return options_for(folder.path()).integer("tp", ranks);
  }
  Options processes(std::uint32_t ranks) const { return options(ranks).text("ranks", "processes"); }

  SmallModel model = [] {
    SmallModel m;
    m.kv_heads = 4;
    m.vocab_size = 101;
    return m;
  }();
  TemporaryFolder folder;
};

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

// An engine with a request under way that would take long.
struct Running {
  Running() {
    engine.reset(new Engine(&host, always(make_cpu_backend())));
    const Options options = written.processes(2)
                                .real("rank_silence_s", 1)
                                .integer("session_len", 200'000)
                                .integer("cache_max_entry_count", 4000);
    TestError error;
    const Code code = engine->load(options.view(), &sink, error.get());
    REQUIRE_MESSAGE(code == Code::ok, error.text());
    prompt = random_prompt(5, written.model.vocab_size, 1);
    request = make_request(1, prompt, 190'000);
    std::uint32_t accepted = 0;
    REQUIRE(engine->submit(&request, 1, &accepted, nullptr) == Code::ok);
  }

  std::string failure() { return failure_of(*engine, sink, request); }

  Written written;
  ClockHost host;
  TestSink sink;
  EnginePtr engine;
  Tokens prompt;
  lmbench::Request request{};
};

}  // namespace

TEST_CASE("two and four processes generate the tokens of one, and none of them stays") {
  const Written written;
  const std::vector<Job> jobs = {
      {random_prompt(1, 101, 1), 20},
      {random_prompt(70, 101, 2), 20},
      {random_prompt(9, 101, 3), 20, {.temperature = 1, .top_k = 7, .seed = 6}},
      {random_prompt(9, 101, 4), 20, {.temperature = 0.9, .seed = 5}}};
  std::vector<Tokens> expected;
  {
    LoadedEngine one(written.options(1));
    expected = one.generate(jobs);
  }
  for (const std::uint32_t ranks : {2U, 4U}) {
    LoadedEngine threads(written.options(ranks));
    LoadedEngine processes(written.processes(ranks));
    CHECK(child_processes().size() == ranks - 1);
    CHECK(processes.generate(jobs) == expected);
    CHECK(threads.generate(jobs) == expected);
  }
  CHECK(child_processes().empty());
}

TEST_CASE("a process that is killed ends the requests with its name") {
  Running run;
  REQUIRE(child_processes().size() == 1);
  kill(child_processes()[0], SIGKILL);
  CHECK(holds(run.failure(), "rank 1 has gone"));
  run.engine.reset();
  CHECK(child_processes().empty());
}

TEST_CASE("a process that is stopped is silent, and ends the requests in time") {
  Running run;
  REQUIRE(child_processes().size() == 1);
  kill(child_processes()[0], SIGSTOP);
  CHECK(holds(run.failure(), "rank 1 has been silent for 1 s"));
  run.engine.reset();
  CHECK(child_processes().empty());
}

TEST_CASE("while loading, ranks may be further apart than a step may take") {
  const Written written;
  CHECK(outcome_of_load(written.processes(2).real("step_timeout_s", 1e-3)).code == Code::ok);
  CHECK(child_processes().empty());
}

TEST_CASE("what a rank cannot load is told with the rank") {
  const Written written;
  Options options = written.processes(2);
  options.text("isa", "sparc");
  const LoadOutcome outcome = outcome_of_load(options);
  CHECK(outcome.is(Code::invalid_argument, "engine option isa is 'sparc'"));
  CHECK(child_processes().empty());
}

TEST_CASE("without the executable the sentence says where it was looked for") {
  const Written written;
  const std::string real = std::getenv("TURBOMIND_RANK");
  setenv("TURBOMIND_RANK", "/nowhere/turbomind_rank", 1);
  CHECK(outcome_of_load(written.processes(2))
            .is(Code::failed_precondition, "cannot start /nowhere/turbomind_rank"));
  setenv("TURBOMIND_RANK", real.c_str(), 1);
}
