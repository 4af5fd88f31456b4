// Fuzz target: a TurboMind config.ini, to the checked model.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <lmbench/plugin.hpp>

#include "refused.hpp"
#include "turbomind/model/config_ini.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return lmbench::fuzz::refused_or_read<lmbench::sdk::Error>([&] {
    const auto config = turbomind::interpret(
        turbomind::parse_config_ini(lmbench::fuzz::text_of(data, size), "fuzz"), "fuzz");
    if (config.architecture.hidden_size == 0) std::abort();
  });
}
