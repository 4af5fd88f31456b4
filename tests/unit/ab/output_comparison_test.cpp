// SPDX-License-Identifier: Apache-2.0
#include "ab/output_comparison.hpp"

#include <doctest/doctest.h>

using namespace lmbench::ab;

namespace {

const Tokens kSame = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {1, 1, 1}};

}  // namespace

TEST_CASE("equal outputs differ nowhere") {
  const RoundOutputs round{
      .round = 0, .concurrency = 2, .base = kSame, .copy = kSame, .candidate = kSame};
  const auto outputs = compare_outputs({&round, 1});
  REQUIRE(outputs);
  CHECK(outputs->sequences == 4);
  CHECK(outputs->different == 0);
  CHECK(outputs->repeat_different == 0);
  CHECK_FALSE(outputs->first);
}

TEST_CASE("the first difference is named by round, sequence and token") {
  Tokens candidate = kSame;
  candidate[3][2] = 9;
  candidate[1] = {4, 5};  // a shorter one differs at its end
  const RoundOutputs rounds[] = {
      {.round = 0, .concurrency = 2, .base = kSame, .copy = kSame, .candidate = kSame},
      {.round = 1, .concurrency = 2, .base = kSame, .copy = kSame, .candidate = candidate}};
  const auto outputs = compare_outputs(rounds);
  REQUIRE(outputs);
  CHECK(outputs->sequences == 8);
  CHECK(outputs->different == 2);
  REQUIRE(outputs->first);
  CHECK(outputs->first->round == 1);
  CHECK(outputs->first->sequence == 1);
  CHECK(outputs->first->position == 2);
}

TEST_CASE("how the base differs from itself is counted beside it") {
  Tokens copy = kSame;
  copy[0][0] = 5;
  const RoundOutputs round{
      .round = 0, .concurrency = 4, .base = kSame, .copy = copy, .candidate = kSame};
  CHECK(compare_outputs({&round, 1})->repeat_different == 1);
}

TEST_CASE("without tokens there is nothing to say") {
  const Tokens none;
  const RoundOutputs round{
      .round = 0, .concurrency = 1, .base = none, .copy = none, .candidate = none};
  CHECK_FALSE(compare_outputs({&round, 1}));
  CHECK_FALSE(compare_outputs({}));
}
