// The text of a TurboMind config.ini: one section [llama] of "key = value" lines. Comments begin
// with # or ;. Strict where silence would run another model: duplicates, other sections, junk.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "turbomind/model/model_config.hpp"

namespace turbomind {

// path is for error places ("path:12"). Throws sdk::Error(invalid_argument).
ConfigValues parse_config_ini(std::string_view text, const std::string& path);

// Reads and interprets the file. fp32 is fp16 here: those files hold halves.
ModelConfig read_config_ini(const std::filesystem::path& path);

}  // namespace turbomind
