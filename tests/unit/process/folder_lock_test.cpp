// SPDX-License-Identifier: Apache-2.0
#include "process/folder_lock.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <optional>

#include "error.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using process::FolderLock;
using process::ResultsFolder;

TEST_CASE("a folder is one lmbench's at a time, and free when that has ended") {
  const test::TemporaryFolder place;
  const ResultsFolder folder{place.path()};
  std::optional<FolderLock> first(std::in_place, folder, FolderLock::For::new_run);
  CHECK_THROWS_WITH_AS(FolderLock(folder, FolderLock::For::resume),
                       doctest::Contains("another lmbench is writing the results folder"), Error);
  CHECK_THROWS_AS(FolderLock(folder, FolderLock::For::new_run), Error);
  first.reset();
  CHECK_NOTHROW(FolderLock(folder, FolderLock::For::resume));
}

TEST_CASE("a new run does not take a folder that was used after it looked") {
  const test::TemporaryFolder place;
  const ResultsFolder folder{place.path()};
  std::ofstream(folder.manifest()) << "{}";
  CHECK_THROWS_WITH_AS(FolderLock(folder, FolderLock::For::new_run),
                       doctest::Contains("has just used the results folder"), Error);
  CHECK_NOTHROW(FolderLock(folder, FolderLock::For::resume));
}
