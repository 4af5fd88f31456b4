// Fuzz target: a scenario file in TOML, to the checked scenario.
// SPDX-License-Identifier: Apache-2.0
#include "error.hpp"
#include "refused.hpp"
#include "scenario/scenario_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return lmbench::fuzz::refused_or_read<lmbench::Error>([&] {
    lmbench::scenario::read_scenario(lmbench::fuzz::text_of(data, size), "fuzz.toml", {});
  });
}
