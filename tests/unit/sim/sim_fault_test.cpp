// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sim_run.hpp"

using namespace lmbench;
using namespace sim_run;

namespace {

constexpr std::int64_t operator""_i(unsigned long long value) {
  return static_cast<std::int64_t>(value);
}

// The wait status of a child that runs a script with this fault to its end.
int status_of(const char* fault, const char* place) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core = {0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::close(STDOUT_FILENO);  // what is buffered is for the parent to write
    ::close(STDERR_FILENO);
    std::signal(SIGSEGV, SIG_DFL);  // doctest's handlers would report a failed test
    std::signal(SIGABRT, SIG_DFL);
    Run run({{"fault", fault}, {"fault_at", place}, {"step_us", 1.0}});
    run.submit({1, 2}, 1, 4);
    run.wait_for(2);
    run.destroy();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

bool ended_by(int status, [[maybe_unused]] int signal) {
#ifdef LMBENCH_SANITIZED
  return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;  // a sanitizer may exit instead
#else
  return WIFSIGNALED(status) && WTERMSIG(status) == signal;
#endif
}

}  // namespace

TEST_CASE("short_output ends one request early and leaves the others alone") {
  Run run({{"fault", "short_output"}, {"step_us", 1.0}});
  run.submit({1, 2}, 1, 8);
  const auto deliveries = run.wait_for(2);
  CHECK(tokens_of(deliveries, 1) == 4);
  CHECK(tokens_of(deliveries, 2) == 8);
  CHECK(terminals_of(deliveries, 1)[0].finish == Finish::stop);
}

TEST_CASE("oom fails one request at the first token or in the middle") {
  for (const char* place : {"first_token", "mid_decode"}) {
    Run run({{"fault", "oom"}, {"fault_at", place}});
    run.submit({1, 2}, 1, 8);
    const auto deliveries = run.wait_for(2);
    CHECK(tokens_of(deliveries, 1) == (std::string(place) == "first_token" ? 0 : 4));
    CHECK(terminals_of(deliveries, 1)[0].kind == EventKind::failed);
    CHECK(terminals_of(deliveries, 1)[0].error == Code::out_of_memory);
    CHECK(tokens_of(deliveries, 2) == 8);
  }
}

TEST_CASE("a fault at load is the answer of load()") {
  CHECK(Run({{"fault", "oom"}, {"fault_at", "load"}}).load_code == Code::out_of_memory);
  CHECK(Run({{"fault", "device_error"}, {"fault_at", "load"}}).load_code == Code::device_error);
}

TEST_CASE("after a device error all requests have failed and submit() refuses") {
  Run run({{"fault", "device_error"}, {"max_batch_size", 1_i}});
  run.submit({1, 2}, 1, 8);
  const auto deliveries = run.wait_for(2);
  CHECK(terminals_of(deliveries, 1)[0].error == Code::device_error);
  CHECK(terminals_of(deliveries, 2)[0].error == Code::device_error);
  CHECK(run.submit({3}, 1, 1) == Code::failed_precondition);
  CHECK(run.engine().reset(run.error_text()) == Code::failed_precondition);
}

TEST_CASE("refuse takes the requests before the struck one and nothing else") {
  Run run({{"fault", "refuse"}, {"fault_concurrency", 3_i}});
  CHECK(run.submit({1, 2, 3, 4}, 1, 8) == Code::unsupported);
  CHECK(run.accepted == 2);
  const auto deliveries = run.wait_for(2);
  CHECK(tokens_of(deliveries, 1) == 8);
  CHECK(Run({{"fault", "refuse"}, {"fault_at", "load"}}).load_code == Code::unsupported);
}

TEST_CASE("foreign_token makes one token that the vocabulary does not have") {
  Run run({{"fault", "foreign_token"}, {"vocab_size", 100_i}});
  run.submit({1, 2}, 1, 8);
  std::vector<std::uint64_t> struck;
  for (const auto& delivery : run.wait_for(2)) {
    for (const std::int32_t token : delivery.tokens) {
      if (token >= 100) struck.push_back(delivery.event.request);
    }
  }
  CHECK(struck == std::vector<std::uint64_t>{1});
}

TEST_CASE("cached_prompt is said on the first event of the struck request alone") {
  Run run({{"fault", "cached_prompt"}});
  run.submit({1, 2}, 5, 3);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> said;
  for (const auto& delivery : run.wait_for(2)) {
    const Event& event = delivery.event;
    if (event.cached_prompt_tokens != 0) {
      said.emplace_back(event.request, event.cached_prompt_tokens);
    }
  }
  CHECK(said == std::vector<std::pair<std::uint64_t, std::uint32_t>>{{1, 5}});
}

TEST_CASE("unknown_request brings one token of a request that nobody made") {
  Run run({{"fault", "unknown_request"}});
  run.submit({1, 2}, 1, 8);
  std::uint64_t strangers = 0;
  const auto deliveries = run.wait_for(2);
  for (const auto& delivery : deliveries) {
    if (delivery.event.request > 2) strangers += delivery.event.token_count;
  }
  CHECK(strangers == 1);
  CHECK(tokens_of(deliveries, 1) == 8);
  CHECK(tokens_of(deliveries, 2) == 8);
}

TEST_CASE("slow makes every later step a quarter of a second longer") {
  Run run({{"fault", "slow"}, {"step_us", 1000.0}});
  run.submit({1}, 1, 8);  // struck when 4 of its tokens are there
  const auto deliveries = run.wait_for(1);
  CHECK(tokens_of(deliveries, 1) == 8);
  REQUIRE(deliveries.size() == 8);
  for (std::size_t i = 1; i < 8; ++i) {
    const std::uint64_t step_ns = deliveries[i].event.engine_ns - deliveries[i - 1].event.engine_ns;
    CHECK(step_ns == (i <= 4 ? 1'000'000 : 251'000'000));
  }
}

TEST_CASE("of several faults each strikes the batch of its own size") {
  Run run({{"fault", "short_output,wrong_count"}, {"fault_concurrency", 2_i}});
  const auto tokens_after = [&run](std::vector<std::uint64_t> ids) {
    run.engine().reset(run.error_text());
    run.submit(ids, 1, 8);
    const auto deliveries = run.wait_for(ids.back());
    std::vector<std::uint64_t> tokens;
    for (const std::uint64_t id : ids) tokens.push_back(tokens_of(deliveries, id));
    return tokens;
  };
  using Counts = std::vector<std::uint64_t>;
  CHECK(tokens_after({1}) == Counts{8});
  CHECK(tokens_after({2, 3}) == Counts{8, 4});
  CHECK(tokens_after({4, 5, 6}) == Counts{8, 8, 9});
  CHECK(tokens_after({7, 8, 9, 10}) == Counts{8, 8, 8, 8});
}

TEST_CASE("wrong_count gives one token more than asked for") {
  Run run({{"fault", "wrong_count"}});
  run.submit({1, 2}, 1, 8);
  const auto deliveries = run.wait_for(2);
  CHECK(tokens_of(deliveries, 1) == 9);
  CHECK(tokens_of(deliveries, 2) == 8);
}

TEST_CASE("double_terminal ends one request twice") {
  Run run({{"fault", "double_terminal"}});
  run.submit({1, 2}, 1, 8);
  const auto deliveries = run.wait_for(3);
  CHECK(terminals_of(deliveries, 1).size() == 2);
  CHECK(terminals_of(deliveries, 2).size() == 1);
  CHECK(tokens_of(deliveries, 1) == 8);
}

TEST_CASE("a hanging engine gives nothing more, and can still be destroyed") {
  Run run({{"fault", "hang"}, {"fault_at", "first_token"}});
  run.submit({1, 2}, 1, 8);
  const auto deliveries = run.destroy();
  CHECK(deliveries.size() == 2);
  CHECK(terminals_of(deliveries, 1)[0].finish == Finish::cancelled);
  CHECK(tokens_of(deliveries, 1) == 0);
}

TEST_CASE("a fault strikes only where the concurrency is reached, and again after reset()") {
  Run run({{"fault", "short_output"}, {"fault_concurrency", 3_i}});
  run.submit({1, 2}, 1, 8);
  run.wait_for(2);
  run.submit({3, 4, 5}, 1, 8);
  run.wait_for(5);
  run.submit({6, 7, 8}, 1, 8);
  run.wait_for(8);
  CHECK(run.engine().reset(run.error_text()) == Code::ok);
  run.submit({9, 10, 11}, 1, 8);
  const auto deliveries = run.wait_for(11);
  for (std::uint64_t id = 1; id <= 11; ++id) {
    CAPTURE(id);
    CHECK(tokens_of(deliveries, id) == (id == 5 || id == 11 ? 4 : 8));
  }
}

TEST_CASE("a fault strikes after the given number of requests") {
  Run run({{"fault", "short_output"}, {"fault_after_requests", 3_i}});
  for (std::uint64_t id = 1; id <= 6; ++id) {
    run.submit({id}, 1, 8);
    run.wait_for(id);
  }
  const auto deliveries = run.destroy();
  for (std::uint64_t id = 1; id <= 6; ++id) CHECK(tokens_of(deliveries, id) == (id == 4 ? 4 : 8));
}

TEST_CASE("faults that end the process do, wherever they are placed") {
  for (const char* place : {"load", "first_token", "mid_decode", "teardown"}) {
    CAPTURE(place);
    CHECK(ended_by(status_of("crash", place), SIGSEGV));
    CHECK(ended_by(status_of("abort", place), SIGABRT));
    const int status = status_of("exit", place);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 3);
    if (std::string(place) != "load") CHECK(ended_by(status_of("bad_alloc", place), SIGABRT));
  }
  CHECK(ended_by(status_of("throw_in_submit", "mid_decode"), SIGABRT));
  CHECK(status_of("none", "mid_decode") == 0);
}
