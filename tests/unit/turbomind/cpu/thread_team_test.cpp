// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/thread_team.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

using turbomind::ThreadTeam;

TEST_CASE("a run calls the body once on every thread, each with its own index") {
  for (const std::uint32_t threads : {1U, 2U, 5U}) {
    ThreadTeam team(threads);
    CHECK(team.size() == threads);
    std::vector<int> calls(threads, 0);
    for (int run = 0; run < 50; ++run) team.run([&](std::uint32_t index) { ++calls[index]; });
    CHECK(calls == std::vector<int>(threads, 50));
  }
}

TEST_CASE("what a thread wrote before a meeting is seen by all after it") {
  constexpr std::uint32_t kThreads = 4;
  ThreadTeam team(kThreads);
  std::vector<std::uint64_t> values(kThreads, 1);
  std::atomic<bool> is_right{true};
  team.run([&](std::uint32_t index) {
    for (std::uint64_t step = 0; step < 200; ++step) {
      values[index] = step * kThreads + index;
      team.meet();
      std::uint64_t sum = 0;
      for (const std::uint64_t value : values) sum += value;
      if (sum != step * kThreads * kThreads + 6) is_right = false;
      team.meet();
    }
  });
  CHECK(is_right);
}

TEST_CASE("a failing thread releases the others from their meetings, and the caller hears why") {
  for (const std::uint32_t failing : {0U, 2U}) {
    ThreadTeam team(3);
    const auto run = [&] {
      team.run([&](std::uint32_t index) {
        if (index == failing) throw std::runtime_error("no more paper");
        team.meet();
      });
    };
    CHECK_THROWS_WITH(run(), "no more paper");
    CHECK_THROWS_WITH(run(), "no more paper");  // and stays broken
  }
}

TEST_CASE("a team that is never used ends") { const ThreadTeam team(3); }
