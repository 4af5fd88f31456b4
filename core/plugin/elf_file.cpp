// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "error.hpp"
#include "hex.hpp"

namespace lmbench::plugin {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

#if defined(__x86_64__)
constexpr std::uint16_t kOurMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kOurMachine = EM_AARCH64;
#else
#error "lmbench runs on x86-64 and aarch64"
#endif

std::string machine_name(std::uint16_t machine) {
  if (machine == EM_X86_64) return "x86-64";
  if (machine == EM_AARCH64) return "aarch64";
  if (machine == EM_386) return "32-bit x86";
  return "machine " + std::to_string(machine) + " of the ELF list";
}

// Notes are three numbers (sizes of name and description, type) and the two, padded to 4 bytes.
std::string build_id_in(std::string_view notes) {
  constexpr std::string_view kGnu = "GNU\0"sv;  // its terminator belongs to it
  const auto padded = [](std::uint64_t size) { return (size + 3) / 4 * 4; };
  while (notes.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr note;
    std::memcpy(&note, notes.data(), sizeof note);
    notes.remove_prefix(sizeof note);
    const std::uint64_t name_bytes = padded(note.n_namesz);
    if (name_bytes > notes.size() || note.n_descsz > notes.size() - name_bytes) return {};
    const std::string_view name = notes.substr(0, note.n_namesz);
    if (note.n_type == NT_GNU_BUILD_ID && name == kGnu) {
      return hex(notes.substr(name_bytes, note.n_descsz));
    }
    notes.remove_prefix(std::min<std::uint64_t>(notes.size(), name_bytes + padded(note.n_descsz)));
  }
  return {};
}

}  // namespace

ElfFile::ElfFile(const fs::path& file) : path_(file) {
  open();
  check_header();
  check_ends({{header_.e_phoff, std::uint64_t{header_.e_phnum} * sizeof(Elf64_Phdr)},
              {header_.e_shoff, std::uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr)}});
  segments_ = records_at<Elf64_Phdr>(header_.e_phoff, header_.e_phnum);
  sections_ = records_at<Elf64_Shdr>(header_.e_shoff, header_.e_shnum);
  std::vector<Extent> extents;
  for (const Elf64_Phdr& segment : segments_) {
    extents.push_back({segment.p_offset, segment.p_filesz});
  }
  for (const Elf64_Shdr& section : sections_) {
    const bool has_bytes = section.sh_type != SHT_NULL && section.sh_type != SHT_NOBITS;
    if (has_bytes) extents.push_back({section.sh_offset, section.sh_size});
  }
  check_ends(extents);
}

std::string ElfFile::build_id() {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_NOTE) continue;
    std::string id = build_id_in(bytes_at({segment.p_offset, segment.p_filesz}));
    if (!id.empty()) return id;
  }
  return {};
}

std::vector<ElfSymbol> ElfFile::exported_symbols() {
  const Elf64_Shdr& section = section_of_type(SHT_DYNSYM);
  const std::string strings = strings_of(section);
  std::vector<ElfSymbol> exported;
  for (const auto& symbol :
       records_at<Elf64_Sym>(section.sh_offset, section.sh_size / sizeof(Elf64_Sym))) {
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    const bool is_visible = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
    if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL || !is_visible) continue;
    exported.push_back({.name = text_in(strings, symbol.st_name),
                        .bytes = symbol.st_size,
                        .is_data = ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT,
                        .is_unique = binding == STB_GNU_UNIQUE});
  }
  return exported;
}

std::vector<std::string> ElfFile::needed_libraries() {
  const Elf64_Shdr& section = section_of_type(SHT_DYNAMIC);
  const std::string strings = strings_of(section);
  std::vector<std::string> needed;
  for (const auto& entry :
       records_at<Elf64_Dyn>(section.sh_offset, section.sh_size / sizeof(Elf64_Dyn))) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) needed.push_back(text_in(strings, entry.d_un.d_val));
  }
  return needed;
}

void ElfFile::refuse(const std::string& what) const {
  throw Error("'" + path_.string() + "' " + what, ExitCode::engine_unusable);
}

void ElfFile::open() {
  std::error_code error;
  const fs::file_status status = fs::status(path_, error);
  if (status.type() == fs::file_type::not_found) refuse("does not exist");
  if (status.type() == fs::file_type::directory) refuse("is a folder, not a plugin");
  if (status.type() != fs::file_type::regular) refuse("is no regular file, so it is no plugin");
  in_.open(path_, std::ios::binary);
  if (!in_) refuse(std::string("cannot be read: ") + ::strerrordesc_np(errno));
  file_bytes_ = fs::file_size(path_, error);
  if (file_bytes_ == 0) refuse("is empty; build or copy the plugin again");
}

void ElfFile::check_header() {
  const std::string start = bytes_at({0, std::min<std::uint64_t>(file_bytes_, sizeof header_)});
  if (!start.starts_with(std::string_view(ELFMAG, SELFMAG))) {
    refuse("is not an ELF file, so it is no plugin");
  }
  if (start.size() < EI_NIDENT)
    refuse("is cut off after " + std::to_string(file_bytes_) + " bytes");
  if (start[EI_CLASS] == ELFCLASS32) refuse("is a 32-bit object; lmbench loads 64-bit ones only");
  if (start.size() < sizeof header_) {
    refuse("is cut off after " + std::to_string(file_bytes_) + " bytes");
  }
  std::memcpy(&header_, start.data(), sizeof header_);
  if (start[EI_CLASS] != ELFCLASS64 || start[EI_DATA] != ELFDATA2LSB) {
    refuse("is an ELF file of another kind of machine (not 64-bit, little endian)");
  }
  if (header_.e_machine != kOurMachine) {
    refuse("was built for " + machine_name(header_.e_machine) + ", and this machine is " +
           machine_name(kOurMachine));
  }
  if (header_.e_type == ET_REL) refuse("is an object file (.o); link it to a shared library");
  if (header_.e_type != ET_DYN) refuse("is an ELF file, but no shared library");
  const bool has_our_records = header_.e_phentsize == sizeof(Elf64_Phdr) &&
                               (header_.e_shnum == 0 || header_.e_shentsize == sizeof(Elf64_Shdr));
  if (!has_our_records) refuse("is a broken ELF file: its tables have entries of unknown size");
}

void ElfFile::check_ends(const std::vector<Extent>& extents) const {
  for (const Extent& extent : extents) {
    if (extent.offset <= file_bytes_ && extent.bytes <= file_bytes_ - extent.offset) continue;
    refuse("is cut off or broken: it has " + std::to_string(file_bytes_) + " bytes, but lists " +
           std::to_string(extent.bytes) + " bytes at " + std::to_string(extent.offset) +
           "; build or copy it again");
  }
}

std::string ElfFile::bytes_at(Extent extent) {
  check_ends({extent});
  std::string bytes(extent.bytes, '\0');
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(extent.offset));
  in_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in_) refuse("cannot be read to its end");
  return bytes;
}

template <class Record>
std::vector<Record> ElfFile::records_at(std::uint64_t offset, std::uint64_t count) {
  const std::string bytes = bytes_at({offset, count * sizeof(Record)});
  std::vector<Record> records(count);
  if (count != 0) std::memcpy(records.data(), bytes.data(), bytes.size());
  return records;
}

const Elf64_Shdr& ElfFile::section_of_type(std::uint32_t type) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [type](const auto& section) { return section.sh_type == type; });
  if (found == sections_.end()) {
    refuse("has no table of its dynamic symbols, so it cannot be checked without running it");
  }
  return *found;
}

std::string ElfFile::strings_of(const Elf64_Shdr& section) {
  if (section.sh_link >= sections_.size()) refuse("is a broken ELF file: it has lost its names");
  const Elf64_Shdr& strings = sections_[section.sh_link];
  return bytes_at({strings.sh_offset, strings.sh_size});
}

std::string ElfFile::text_in(const std::string& strings, std::uint64_t offset) const {
  if (offset >= strings.size()) refuse("is a broken ELF file: a name is not where it should be");
  return strings.substr(offset, strings.find('\0', offset) - offset);
}

}  // namespace lmbench::plugin
