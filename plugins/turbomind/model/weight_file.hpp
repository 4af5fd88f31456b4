// A file open for reading at any place from any thread. pread, not mmap: weights live in memory of
// our own, and a file that shrinks meanwhile is an error instead of a signal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace turbomind {

class WeightFile {
 public:
  // Throws sdk::Error(not_found) when it cannot be opened or is no regular file.
  explicit WeightFile(const std::filesystem::path& path);
  WeightFile(const WeightFile&) = delete;
  WeightFile& operator=(const WeightFile&) = delete;
  ~WeightFile();

  const std::filesystem::path& path() const noexcept { return path_; }
  std::uint64_t size_bytes() const noexcept { return size_bytes_; }

  // [any] Fills out from this offset on. Throws sdk::Error when the file ends before, or on errors.
  void read(std::uint64_t offset, std::span<std::byte> out) const;
 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace turbomind
