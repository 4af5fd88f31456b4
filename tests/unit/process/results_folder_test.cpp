// SPDX-License-Identifier: Apache-2.0
#include "process/results_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "error.hpp"
#include "temporary_folder.hpp"

using lmbench::process::make_results_folder;

TEST_CASE("the utc stamp sorts and fits a file name") {
  CHECK(lmbench::process::utc_stamp(0) == "19700101T000000Z");
  CHECK(lmbench::process::utc_stamp(1735787045) == "20250102T030405Z");
}

TEST_CASE("a results folder is named after scenario and time, and never used twice") {
  const lmbench::test::TemporaryFolder folder;
  const lmbench::test::CurrentFolder inside(folder.path());
  const auto first = make_results_folder({}, "a/b c", 0);
  const auto second = make_results_folder({}, "a/b c", 0);
  CHECK(first.root == folder.path() / "results" / "a_b_c-19700101T000000Z");
  CHECK(second.root == folder.path() / "results" / "a_b_c-19700101T000000Z-2");
  CHECK(std::filesystem::is_directory(first.root / "events"));
  CHECK(first.events("01-b1") == first.root / "events" / "01-b1.npy");
}

TEST_CASE("a given folder may exist if it is empty") {
  const lmbench::test::TemporaryFolder folder;
  CHECK(make_results_folder(folder.path(), "x", 0).root == folder.path());
  CHECK_THROWS_AS(make_results_folder(folder.path(), "x", 0), lmbench::Error);
}

TEST_CASE("a results folder that cannot be made is a usage error") {
  const lmbench::test::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "in the way";
  CHECK_THROWS_AS(make_results_folder(folder.path() / "file" / "below", "x", 0), lmbench::Error);
}
