// What a shared library says about itself, read from its file without loading it: nothing in it is
// run, and nothing in it is believed (each offset is checked against the size of the file). Boost's
// library_info is not used, as it does neither check nor see the symbols of a stripped library.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <elf.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace lmbench::plugin {

// A symbol that others can bind to.
struct ElfSymbol {
  std::string name;
  std::uint64_t bytes = 0;
  bool is_data = false;    // rather than a function
  bool is_unique = false;  // STB_GNU_UNIQUE: shared by all libraries of a process that have it
};

class ElfFile {
 public:
  // Throws Error (engine_unusable) with the sentence that tells why this process cannot load the
  // file: not there, unreadable, a folder, empty, no ELF file, for another machine, cut off.
  explicit ElfFile(const std::filesystem::path& file);

  // The GNU build-id, in lower-case hex; empty when there is none.
  std::string build_id();

  // Defined dynamic symbols, in the order of the file. Throws like the constructor when the tables
  // are missing or broken.
  std::vector<ElfSymbol> exported_symbols();

  // SONAMEs of the libraries that it wants to be loaded with it. Throws as above.
  std::vector<std::string> needed_libraries();
 private:
  struct Extent {
    std::uint64_t offset;
    std::uint64_t bytes;
  };
  [[noreturn]] void refuse(const std::string& what) const;
  void open();
  void check_header();
  void check_ends(const std::vector<Extent>& extents) const;
  std::string bytes_at(Extent extent);
  template <class Record>
  std::vector<Record> records_at(std::uint64_t offset, std::uint64_t count);
  const Elf64_Shdr& section_of_type(std::uint32_t type) const;
  std::string strings_of(const Elf64_Shdr& section);
  std::string text_in(const std::string& strings, std::uint64_t offset) const;

  std::filesystem::path path_;
  std::ifstream in_;
  std::uint64_t file_bytes_ = 0;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Shdr> sections_;
};

}  // namespace lmbench::plugin
