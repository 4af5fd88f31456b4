// SPDX-License-Identifier: Apache-2.0
#include "process/watchdog.hpp"

#include <doctest/doctest.h>

using lmbench::process::Watchdog;
using lmbench::run::Status;

namespace {
constexpr std::uint64_t kSecond = 1'000'000'000;
}

TEST_CASE("a worker without progress for the stall limit hangs") {
  const Watchdog watchdog({.stall_s = 2, .total_s = {}}, 10 * kSecond);
  CHECK_FALSE(watchdog.verdict(12 * kSecond - 1));
  CHECK(watchdog.verdict(12 * kSecond) == Status::hang);
}

TEST_CASE("progress puts the stall off, the same value again does not") {
  Watchdog watchdog({.stall_s = 2, .total_s = {}}, 0);
  watchdog.see(1, kSecond);
  watchdog.see(1, 2 * kSecond);
  CHECK_FALSE(watchdog.verdict(3 * kSecond - 1));
  CHECK(watchdog.verdict(3 * kSecond) == Status::hang);
}

TEST_CASE("progress does not put the case limit off") {
  Watchdog watchdog({.stall_s = 2, .total_s = 3}, 0);
  watchdog.see(1, kSecond);
  watchdog.see(2, 2 * kSecond);
  watchdog.see(3, 3 * kSecond - 1);
  CHECK_FALSE(watchdog.verdict(3 * kSecond - 1));
  CHECK(watchdog.verdict(3 * kSecond) == Status::timeout);
}

TEST_CASE("patience ends when the first limit does") {
  Watchdog watchdog({.stall_s = 2, .total_s = 3}, 0);
  CHECK(watchdog.patience_ns(kSecond) == kSecond);
  watchdog.see(1, 2 * kSecond);
  CHECK(watchdog.patience_ns(2 * kSecond) == kSecond);
  CHECK(watchdog.patience_ns(9 * kSecond) == 0);
}

TEST_CASE("a limit beyond all clocks is no limit") {
  const Watchdog watchdog({.stall_s = 1e300, .total_s = {}}, 0);
  CHECK_FALSE(watchdog.verdict(1'000'000 * kSecond));
}
