// SPDX-License-Identifier: Apache-2.0
#include "process/identity_guard.hpp"

#include <doctest/doctest.h>

using lmbench::plugin::MappedObject;
using lmbench::process::IdentityGuard;

namespace {

const std::vector<MappedObject> kObjects = {{"/p/sim.so", "aa", "1"}, {"/p/libb.so", "bb", "2"}};

}  // namespace

TEST_CASE("workers that map the same files are one engine, in whatever order they load them") {
  IdentityGuard guard;
  guard.see("/p/sim.so", kObjects);
  CHECK_FALSE(guard.has_changed());
  guard.see("/p/sim.so", {kObjects[0], kObjects[1]});
  CHECK_FALSE(guard.has_changed());
  IdentityGuard three;
  three.see("/p/sim.so", {kObjects[0], kObjects[1], {"/a.so", "cc", ""}});
  three.see("/p/sim.so", {kObjects[0], {"/a.so", "cc", ""}, kObjects[1]});
  CHECK_FALSE(three.has_changed());
}

TEST_CASE("another file in a later worker is a change until the first files are back") {
  IdentityGuard guard;
  guard.see("/p/sim.so", kObjects);
  auto other = kObjects;
  SUBCASE("the plugin's bytes") { other[0].sha256 = "ab"; }
  SUBCASE("a library's bytes") { other[1].sha256 = "bc"; }
  SUBCASE("a library from elsewhere") { other[1].path = "/q/libb.so"; }
  SUBCASE("a library more") { other.push_back({"/p/libc.so", "cc", ""}); }
  SUBCASE("a library less") { other.pop_back(); }
  guard.see("/p/sim.so", other);
  CHECK(guard.has_changed());
  guard.see("/p/sim.so", kObjects);
  CHECK_FALSE(guard.has_changed());
}

TEST_CASE(
    "a plugin mapped from another path than planned is a change in the first worker already") {
  IdentityGuard guard;
  guard.see("/q/sim.so", kObjects);
  CHECK(guard.has_changed());
}

TEST_CASE("a worker that has loaded nothing says nothing") {
  IdentityGuard guard;
  guard.see("/p/sim.so", {});
  CHECK_FALSE(guard.has_changed());
}
