// The tensors of a Hugging Face directory by name, wherever they lie: one safetensors file, or
// shards that an index file names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "turbomind/model/architecture.hpp"
#include "turbomind/model/safetensors.hpp"

namespace turbomind {

class HuggingfaceCheckpoint {
 public:
  // Reads the headers. Throws sdk::Error.
  explicit HuggingfaceCheckpoint(const std::filesystem::path& directory);

  const std::filesystem::path& directory() const noexcept { return directory_; }
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return tensors_.count(name) != 0; }
  const std::vector<std::uint64_t>& shape_of(const std::string& name) const;

  // "BF16"; and as a type that weights can have: throws unsupported for others.
  const std::string& dtype_of(const std::string& name) const;
  DataType data_type_of(const std::string& name) const;

  // [any] Elements [first, ...) of the tensor, converted to `type`.
  void read(const std::string& name, std::uint64_t first, DataType type,
            std::span<std::byte> out) const;
 private:
  struct Place {
    const SafetensorsFile* file;
    const SafetensorsEntry* entry;
  };
  const SafetensorsFile& open(const std::string& file_name);
  void open_index(const std::filesystem::path& index);
  void open_single();
  const Place& place_of(const std::string& name) const;

  std::filesystem::path directory_;
  std::map<std::string, std::unique_ptr<SafetensorsFile>> files_;
  std::map<std::string, Place> tensors_;
};

}  // namespace turbomind
