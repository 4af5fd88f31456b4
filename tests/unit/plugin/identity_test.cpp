// SPDX-License-Identifier: Apache-2.0
#include "plugin/identity.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "elf_copy.hpp"
#include "plugin/library.hpp"
#include "sha256.hpp"
#include "temporary_folder.hpp"

using lmbench::plugin::build_id_of;
using lmbench::plugin::mapped_paths;
using lmbench::plugin::objects_mapped_since;
using lmbench::test::bytes_of;
using lmbench::test::null_plugin;
namespace fs = std::filesystem;

namespace {

bool holds(const std::vector<std::string>& paths, const fs::path& path) {
  return std::find(paths.begin(), paths.end(), path.string()) != paths.end();
}

std::string sha256_of(const std::string& bytes) {
  lmbench::Sha256 sum;
  sum.update(bytes);
  return sum.hex_digest();
}

}  // namespace

TEST_CASE("the program and its libraries are among what is mapped, the kernel's own part is not") {
  const auto paths = mapped_paths();
  CHECK(holds(paths, fs::read_symlink("/proc/self/exe")));
  for (const std::string& path : paths) {
    CHECK(path.front() == '/');
    CHECK(fs::exists(path));
  }
}

TEST_CASE("a plugin that was opened is what was mapped since, with its sum and its build-id") {
  const lmbench::test::TemporaryFolder folder;
  const fs::path file = folder.path() / "engine.so";  // a copy, which no other test has opened
  fs::copy_file(null_plugin(), file);
  const auto before = mapped_paths();
  lmbench::plugin::open_plugin(file);
  const auto objects = objects_mapped_since(before, file);
  REQUIRE(objects.size() == 1);
  CHECK(objects[0].path == file.string());
  CHECK(objects[0].sha256 == sha256_of(bytes_of(file)));
  CHECK(objects[0].build_id == build_id_of(null_plugin()));
  CHECK(objects[0].build_id.size() == 40);

  CHECK(objects_mapped_since(mapped_paths(), file) == objects);  // it is named again

  fs::remove(file);
  const auto gone = objects_mapped_since(before, file);
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].path == file.string());
  CHECK(gone[0].sha256.empty());
  CHECK(gone[0].build_id.empty());
}

TEST_CASE("the plugin comes before the libraries that came with it") {
  const auto objects = objects_mapped_since({}, mapped_paths().back());
  REQUIRE(objects.size() > 1);
  CHECK(objects[0].path == mapped_paths().back());
}

TEST_CASE("this program knows its own file, sum and build-id") {
  const fs::path file = fs::read_symlink("/proc/self/exe");
  CHECK(lmbench::plugin::own_executable().path == file.string());
  CHECK(lmbench::plugin::own_executable().sha256 == sha256_of(bytes_of(file)));
  CHECK(lmbench::plugin::own_executable().build_id == build_id_of(file));
}

TEST_CASE("what is no ELF file has no build-id") {
  const lmbench::test::TemporaryFolder folder;
  const fs::path file = folder.path() / "x";
  CHECK(build_id_of(file).empty());
  CHECK(build_id_of(folder.path()).empty());
  lmbench::test::write_bytes(file, "text");
  CHECK(build_id_of(file).empty());
  lmbench::test::write_bytes(file, bytes_of(null_plugin()).substr(0, 1000));
  CHECK(build_id_of(file).empty());
}
