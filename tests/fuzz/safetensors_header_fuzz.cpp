// Fuzz target: the header of a safetensors file. The bytes are the whole file; what the reader
// accepts must lie inside it.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <lmbench/plugin.hpp>
#include <span>

#include "refused.hpp"
#include "turbomind/model/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return -1;
  return lmbench::fuzz::refused_or_read<lmbench::sdk::Error>([&] {
    std::array<std::byte, 8> prefix{};
    std::copy_n(reinterpret_cast<const std::byte*>(data), prefix.size(), prefix.begin());
    const std::uint64_t length = turbomind::safetensors_header_bytes(prefix, size, "fuzz");
    const std::uint64_t data_bytes = size - 8 - length;
    const auto tensors = turbomind::parse_safetensors_header(
        lmbench::fuzz::text_of(data + 8, length), data_bytes, "fuzz");
    for (const auto& [name, entry] : tensors) {
      if (entry.offset > data_bytes || entry.bytes > data_bytes - entry.offset) std::abort();
    }
  });
}
