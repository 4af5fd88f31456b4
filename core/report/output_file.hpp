// A file of the results folder that must survive what comes after it: written, then synced. What
// goes wrong (a full disk, no permission) is an Error that names the file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace lmbench::report {

class OutputFile {
 public:
  // replace: an older file of that name is emptied.
  enum class Mode { replace, append };
  OutputFile(std::filesystem::path file, Mode mode);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // As many writes as it takes; not synced yet.
  void write(std::string_view bytes);
  // One write, then synced: of a line there is all or nothing but for a crash of the machine.
  void append_line(std::string_view line);
  void sync();
 private:
  [[noreturn]] void fail(int error_number) const;

  std::filesystem::path path_;
  int fd_;
};

// A file that is whole at any moment: written under another name, synced, then renamed.
void replace_file(const std::filesystem::path& file, std::string_view bytes);

// Takes off what lies behind that many bytes, and is sure that it stays off. Nothing is done to a
// file that is absent or not longer.
void cut_file(const std::filesystem::path& file, std::uintmax_t bytes);

}  // namespace lmbench::report
