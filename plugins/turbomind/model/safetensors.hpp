// The safetensors format: eight bytes of header length, a JSON header with type, shape and place of
// each tensor, then the data. Files come from anywhere, so every number is checked before use.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "turbomind/model/weight_file.hpp"

namespace turbomind {

struct SafetensorsEntry {
  std::string dtype;  // "BF16"
  std::vector<std::uint64_t> shape;
  std::uint64_t offset = 0;  // of the data, from the end of the header
  std::uint64_t bytes = 0;
};

using SafetensorsHeader = std::map<std::string, SafetensorsEntry, std::less<>>;

// Length of the JSON that follows, from the first eight bytes of a file of so many bytes.
std::uint64_t safetensors_header_bytes(std::span<const std::byte, 8> prefix,
                                       std::uint64_t file_bytes, const std::string& path);

// The tensors must cover data_bytes without gap or overlap. Throws sdk::Error(invalid_argument)
// that names path and tensor.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes,
                                           const std::string& path);

class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return file_.path(); }
  const SafetensorsHeader& tensors() const noexcept { return tensors_; }

  // [any] Bytes of one tensor from `begin` on.
  void read(const SafetensorsEntry& entry, std::uint64_t begin, std::span<std::byte> out) const;
 private:
  WeightFile file_;
  std::uint64_t data_offset_ = 0;
  SafetensorsHeader tensors_;
};

}  // namespace turbomind
