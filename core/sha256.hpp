// SHA-256 of bytes that come in pieces. The only user of OpenSSL.
// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace lmbench
