// The command of a launcher's job of two ranks (launched.sh): engines whose second rank is another process.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <vector>

#include "child_processes.hpp"
#include "small_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;

TEST_CASE("engines use the job's ranks one after another") {
  const SmallFolder small;
  // One GPU, so that the second rank cannot be a thread of this process.
  const FakeMachine machine({.devices = 1});
  const std::vector<Tokens> expected =
      LoadedEngine(make_engine, small.options(1)).generate(small.jobs());
  for (int engine = 0; engine < 2; ++engine) {
    LoadedEngine processes(make_engine, small.options(2));
    CHECK(lmbench::test::child_processes().empty());
    CHECK(processes.generate(small.jobs()) == expected);
  }
}
