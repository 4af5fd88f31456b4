// Which binaries a process really runs: path, SHA-256 and GNU build-id of every file that is mapped
// as code. What two engine builds are told apart by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lmbench::plugin {

// A mapped file.
struct MappedObject {
  std::string path;
  std::string sha256;    // lower-case hex; empty when the file cannot be read any more
  std::string build_id;  // lower-case hex; empty when it has none
  bool operator==(const MappedObject&) const = default;
};

// Paths of all objects that the loader has mapped into this process now.
std::vector<std::string> mapped_paths();

// Those of mapped_paths() that `before` does not hold, in load order; the plugin comes first, also
// when it was mapped before, as libraries are never unloaded.
std::vector<MappedObject> objects_mapped_since(const std::vector<std::string>& before,
                                               const std::filesystem::path& plugin);

// This program itself, read once: its file may be replaced while it runs, and its mapping is not.
const MappedObject& own_executable();

// From the file's notes, without loading it; empty when it has none or is no ELF file.
std::string build_id_of(const std::filesystem::path& file);

}  // namespace lmbench::plugin
