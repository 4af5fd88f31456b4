// Shape presets: TOML files with the keys of config.ini at the top level, and no weights. For
// running the engine at the size of a published model with dummy weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "turbomind/model/model_config.hpp"

namespace turbomind {

// An unknown key is an error here. fp32 is fp32. Throws sdk::Error with "path:line:column".
ModelConfig parse_model_preset(std::string_view text, const std::string& path);

ModelConfig read_model_preset(const std::filesystem::path& path);

}  // namespace turbomind
