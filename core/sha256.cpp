// SPDX-License-Identifier: Apache-2.0
#include "sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <stdexcept>

#include "hex.hpp"

namespace lmbench {
namespace {

// Fails when memory is out, or when OpenSSL's configuration forbids the algorithm.
void require(bool is_done) {
  if (!is_done) throw std::runtime_error("OpenSSL cannot compute a SHA-256");
}

}  // namespace

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex_digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size) == 1);
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

std::string sha256_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  Sha256 sum;
  std::array<char, 1U << 16U> block;
  while (in) {
    in.read(block.data(), block.size());
    sum.update({block.data(), static_cast<std::size_t>(in.gcount())});
  }
  return in.bad() ? std::string() : sum.hex_digest();
}

}  // namespace lmbench
