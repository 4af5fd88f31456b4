// Children are shells that end in known ways.
// SPDX-License-Identifier: Apache-2.0
#include "process/child_process.hpp"

#include <doctest/doctest.h>

#include "error.hpp"

using lmbench::process::ChildProcess;
using lmbench::process::describe;
using lmbench::process::ExitState;
using lmbench::process::SpawnOptions;

namespace {

constexpr std::chrono::milliseconds kLong{10000};

SpawnOptions shell(const char* script) {
  return {.executable = "/bin/sh", .arguments = {"sh", "-c", script}, .environment = {}};
}

ExitState run_to_end(ChildProcess& child) {
  while (!child.exit_state()) child.wait(kLong);
  return *child.exit_state();
}

}  // namespace

TEST_CASE("an exit code comes back as it is") {
  ChildProcess child(shell("exit 7"), {});
  const ExitState state = run_to_end(child);
  CHECK_FALSE(state.is_signal);
  CHECK(state.number == 7);
  CHECK(describe(state) == "exit code 7");
}

TEST_CASE("a signal comes back by its name") {
  ChildProcess child(shell("kill -SEGV $$"), {});
  const ExitState state = run_to_end(child);
  CHECK(state.is_signal);
  CHECK_FALSE(state.was_killed_by_us);
  CHECK(describe(state) == "SIGSEGV (Segmentation fault)");
}

TEST_CASE("a child that does not end is killed with its owner, and says who did it") {
  ChildProcess child(shell("exec sleep 1000"), {});
  CHECK_FALSE(child.exit_state());
  child.kill();
  REQUIRE(child.exit_state());
  CHECK(child.exit_state()->was_killed_by_us);
}

TEST_CASE("a child that is asked to end may clear up before it does") {
  ChildProcess child(shell("trap 'echo cleared; exit 3' TERM; echo ready; while :; do :; done"),
                     {});
  while (child.last_words() != "ready\n") child.wait(kLong);
  child.ask_to_end();
  REQUIRE(child.wait_for_exit(kLong));
  CHECK(child.exit_state()->number == 3);
  CHECK(child.last_words() == "ready\ncleared\n");
}

TEST_CASE("output and error of the child are passed on, and their last 4 KiB kept") {
  std::string all;
  ChildProcess child(shell("i=0; while [ $i -lt 300 ]; do echo 0123456789abcdef$i; i=$((i+1)); "
                           "done; echo the end >&2"),
                     [&](std::string_view text) { all += text; });
  run_to_end(child);
  CHECK(all.size() > 5000);
  CHECK(child.last_words().size() == lmbench::process::kLastWordsBytes);
  CHECK(child.last_words().substr(4096 - 8) == "the end\n");
}

TEST_CASE("the environment of the child is ours and what was added") {
  SpawnOptions options = shell("echo \"$ADDED $HOME\"");
  options.environment = {{"ADDED", "one"}, {"HOME", "/replaced"}};
  ChildProcess child(options, {});
  run_to_end(child);
  CHECK(child.last_words() == "one /replaced\n");
}

TEST_CASE("the child talks through descriptor 3") {
  ChildProcess child(shell("printf hello >&3"), {});
  while (!child.wait(kLong)) {
  }
  char text[5] = {};
  CHECK(::read(child.channel_fd(), text, 5) == 5);
  CHECK(std::string(text, 5) == "hello");
  run_to_end(child);
}

TEST_CASE("a program that is not there is an error that names it") {
  CHECK_THROWS_WITH_AS(
      ChildProcess({.executable = "/no/such/program", .arguments = {"x"}, .environment = {}}, {}),
      "cannot start a worker process: /no/such/program: No such file or directory", lmbench::Error);
}
