// SPDX-License-Identifier: Apache-2.0
#include "scenario/nearest_name.hpp"

#include <doctest/doctest.h>

#include <vector>

using lmbench::scenario::edit_distance;
using lmbench::scenario::nearest_name;

namespace {
const std::vector<std::string> kKnown = {"concurrency", "test_rounds", "seed"};
}

TEST_CASE("the edit distance counts insertions, deletions, replacements and swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("seed", "sede") == 1);
  CHECK(edit_distance("ab", "ba") == 1);
}

TEST_CASE("a mistyped name finds the known one") {
  CHECK(nearest_name("concurency", kKnown) == "concurrency");
  CHECK(nearest_name("test_round", kKnown) == "test_rounds");
  CHECK(nearest_name("sede", kKnown) == "seed");
}

TEST_CASE("a name that is like none finds none") {
  CHECK_FALSE(nearest_name("batch", kKnown));
  CHECK_FALSE(nearest_name("", kKnown));
  CHECK_FALSE(nearest_name(std::string(100000, 'c'), kKnown));
}
