// Fuzz target: a shape preset in TOML, to the checked model.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <lmbench/plugin.hpp>

#include "refused.hpp"
#include "turbomind/model/model_preset.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return lmbench::fuzz::refused_or_read<lmbench::sdk::Error>([&] {
    const auto config = turbomind::parse_model_preset(lmbench::fuzz::text_of(data, size), "fuzz");
    if (config.architecture.hidden_size == 0) std::abort();
  });
}
