// Any bytes as a scenario file, and as the value of a --set: read, or refused with an Error.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "error.hpp"
#include "scenario/scenario_reader.hpp"

namespace {

constexpr const char* kSmall =
    "[engine]\nplugin = \"sim\"\n"
    "[matrix]\nconcurrency = [1]\nprompt_tokens = [8]\ncompletion_tokens = [4]\n";

// What was read must be readable again, as the same.
void read(const std::string& text, const std::vector<std::string>& settings) {
  using namespace lmbench::scenario;
  Scenario scenario;
  try {
    scenario = read_scenario(text, "", settings);
  } catch (const lmbench::Error&) {
    return;
  }
  if (read_scenario(scenario.resolved_toml, "", {}) != scenario) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read(text, {});
  read(kSmall, {text});
  read(kSmall, {"engine.options.x=" + text});
  return 0;
}
