// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/text_file.hpp"

#include <lmbench/plugin.hpp>

#include "turbomind/model/weight_file.hpp"

namespace turbomind {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20U;  // index files of large models

}  // namespace

std::string read_text_file(const std::filesystem::path& path) {
  const WeightFile file(path);
  if (file.size_bytes() > kMostBytes) {
    throw lmbench::sdk::Error(lmbench::Code::invalid_argument,
                              path.string() + " is too large for a configuration");
  }
  std::string text(file.size_bytes(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace turbomind
