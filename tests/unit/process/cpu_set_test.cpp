// SPDX-License-Identifier: Apache-2.0
#include "process/cpu_set.hpp"

#include <doctest/doctest.h>

#include "error.hpp"

using lmbench::process::cpus_in;
using Cpus = std::vector<std::uint32_t>;

TEST_CASE("a list of CPUs names single ones and ranges, each once") {
  CHECK(cpus_in("0") == Cpus{0});
  CHECK(cpus_in("0-3,8") == Cpus{0, 1, 2, 3, 8});
  CHECK(cpus_in("8,1-2,2") == Cpus{1, 2, 8});
}

TEST_CASE("what is no list of CPUs is refused with what it should be") {
  for (const char* list : {"", "a", "1-", "-1", "3-1", "1,,2", "1,", "99999", "1 2"}) {
    CAPTURE(list);
    CHECK_THROWS_AS(cpus_in(list), lmbench::Error);
  }
}
