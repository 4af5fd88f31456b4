// SHA-256 of bytes that come in pieces. The only user of OpenSSL.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace lmbench {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view bytes);
  std::string hex_digest();  // once, at the end
 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Empty when the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace lmbench
