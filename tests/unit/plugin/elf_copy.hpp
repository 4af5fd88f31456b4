// The null plugin's file as bytes, to be bent and written somewhere else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace lmbench::test {

inline std::filesystem::path null_plugin() { return LMBENCH_BINARY_DIR "/plugins/null.so"; }

inline std::filesystem::path bad_plugin(const std::string& name) {
  return LMBENCH_BINARY_DIR "/tests/bad_plugins/" + name + ".so";
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace lmbench::test
