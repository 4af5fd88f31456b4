// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_file.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "elf_copy.hpp"
#include "error.hpp"
#include "temporary_folder.hpp"

using lmbench::plugin::ElfFile;
using lmbench::test::bytes_of;
using lmbench::test::null_plugin;
using lmbench::test::write_bytes;
namespace fs = std::filesystem;

namespace {

// The sentence with which a file of these bytes is refused, without the file's name; "" if it isn't.
std::string refusal_of(const fs::path& file) {
  try {
    ElfFile elf(file);
    elf.exported_symbols();
    elf.needed_libraries();
    elf.build_id();
  } catch (const lmbench::Error& e) {
    CHECK(e.exit_code() == lmbench::ExitCode::engine_unusable);
    const std::string named = "'" + file.string() + "' ";
    const std::string sentence = e.what();
    CHECK(sentence.substr(0, named.size()) == named);
    return sentence.substr(named.size());
  }
  return "";
}

std::string refusal_of_bytes(const std::string& bytes) {
  const lmbench::test::TemporaryFolder folder;
  write_bytes(folder.path() / "x.so", bytes);
  return refusal_of(folder.path() / "x.so");
}

// The null plugin with one byte of its header replaced.
std::string refusal_with(std::size_t offset, unsigned char byte) {
  std::string bytes = bytes_of(null_plugin());
  bytes.at(offset) = static_cast<char>(byte);
  return refusal_of_bytes(bytes);
}

}  // namespace

TEST_CASE("a plugin exports its descriptor as data, needs the C library, and has a build-id") {
  ElfFile elf(null_plugin());
  const auto symbols = elf.exported_symbols();
  const auto found = std::find_if(symbols.begin(), symbols.end(),
                                  [](const auto& s) { return s.name == "lmbench_plugin_v1"; });
  REQUIRE(found != symbols.end());
  CHECK(found->is_data);
  CHECK(found->bytes == 64);
  CHECK_FALSE(found->is_unique);
  const auto needed = elf.needed_libraries();
  CHECK(std::find(needed.begin(), needed.end(), "libc.so.6") != needed.end());
  const std::string build_id = elf.build_id();
  CHECK(build_id.size() == 40);
  CHECK(build_id.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("what is no file of a library is refused in a sentence") {
  const lmbench::test::TemporaryFolder folder;
  CHECK(refusal_of(folder.path() / "absent.so") == "does not exist");
  CHECK(refusal_of(folder.path()) == "is a folder, not a plugin");
  CHECK(refusal_of("/dev/null") == "is no regular file, so it is no plugin");
  CHECK(refusal_of_bytes("") == "is empty; build or copy the plugin again");
  CHECK(refusal_of_bytes("#!/bin/sh\n") == "is not an ELF file, so it is no plugin");
  CHECK(refusal_of_bytes("\x7f") == "is not an ELF file, so it is no plugin");
}

TEST_CASE("a file that may not be read is refused with the system's reason") {
  if (::geteuid() == 0) {
    MESSAGE("skipped: root may read every file");
    return;
  }
  const lmbench::test::TemporaryFolder folder;
  const fs::path file = folder.path() / "x.so";
  write_bytes(file, bytes_of(null_plugin()));
  fs::permissions(file, fs::perms::none);
  CHECK(refusal_of(file) == "cannot be read: Permission denied");
}

TEST_CASE("an ELF file that this machine cannot load is refused with the difference") {
  CHECK(refusal_with(EI_CLASS, ELFCLASS32) == "is a 32-bit object; lmbench loads 64-bit ones only");
  CHECK(refusal_with(EI_DATA, ELFDATA2MSB) ==
        "is an ELF file of another kind of machine (not 64-bit, little endian)");
  CHECK(refusal_with(offsetof(Elf64_Ehdr, e_machine), EM_PPC64).find("was built for machine 21") ==
        0);
  CHECK(refusal_with(offsetof(Elf64_Ehdr, e_type), ET_REL) ==
        "is an object file (.o); link it to a shared library");
  CHECK(refusal_with(offsetof(Elf64_Ehdr, e_type), ET_EXEC) ==
        "is an ELF file, but no shared library");
}

TEST_CASE("a file without its section table is refused, as its symbols cannot be seen") {
  std::string bytes = bytes_of(null_plugin());
  bytes[offsetof(Elf64_Ehdr, e_shnum)] = 0;
  bytes[offsetof(Elf64_Ehdr, e_shnum) + 1] = 0;
  CHECK(refusal_of_bytes(bytes) ==
        "has no table of its dynamic symbols, so it cannot be checked without running it");
}

TEST_CASE("a library that is cut off anywhere is refused") {
  const std::string bytes = bytes_of(null_plugin());
  CHECK(refusal_of_bytes(bytes).empty());
  for (std::size_t size = 0; size < bytes.size(); size += size < 128 ? 1 : bytes.size() / 97) {
    INFO("cut off after ", size, " bytes");
    CHECK_FALSE(refusal_of_bytes(bytes.substr(0, size)).empty());
  }
}

TEST_CASE("a library with wrong bytes is read or refused, and nothing else happens") {
  const std::string whole = bytes_of(null_plugin());
  const auto seed = std::random_device{}();
  INFO("seed ", seed);
  std::mt19937 random(seed);
  const lmbench::test::TemporaryFolder folder;
  const fs::path file = folder.path() / "x.so";
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = whole;
    // Where the tables are: the two headers at the start, the sections at the end.
    const std::size_t reach = std::min<std::size_t>(bytes.size(), 4096);
    for (int i = 0; i < 8; ++i) {
      const std::size_t at = random() % reach;
      bytes[round % 2 == 0 ? at : bytes.size() - 1 - at] = static_cast<char>(random());
    }
    write_bytes(file, bytes);
    if (!refusal_of(file).empty()) ++refused;
  }
  CHECK(refused > 0);
}
